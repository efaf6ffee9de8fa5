import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FieldApp } from '../e2e/support/app.mjs';
import { ROOT } from '../e2e/support/paths.mjs';
import { chart } from './chart.mjs';
import { payments } from './confirm.mjs';
import { probe } from './probe.mjs';
import { Profile } from './profile.mjs';
import { opened } from './reopen.mjs';
import { median, times } from './report.mjs';
import { keystrokes, typed } from './search.mjs';
import { LOGIN, RUNS, Stage } from './stage.mjs';

/** How many times the data of a thousand clients. */
const SIZES = [1, 2, 5, 10];
const CLIENTS = 1000;

/** What the noise of a machine is worth: only beyond it something grows faster than the data. */
const NOISE = 1.1;

/** Words that are searched in one run. */
const WORDS = 2;

const CHART = join(ROOT, 'docs', 'growth.svg');

/** What is measured at each size, in milliseconds or megabytes. */
const FIGURES = {
  'first sync': { unit: 'ms', measure: firstSync },
  reopen: { unit: 'ms', measure: ({ app, stage }) => opened(app, 1, false, (page) => page.goto(`${stage.office.url}/clients`)) },
  search: { unit: 'ms', measure: ({ app, stage, words }) => app.visit({}, async (page) => median((await keystrokes(page, stage, words)).searches)) },
  payment: { unit: 'ms', measure: ({ app, stage }) => app.visit({}, async (page) => median((await payments(page, stage)).times.map(({ durable }) => durable))) },
  'aged balance': { unit: 'ms', measure: balance },
  'memory of the tab': { unit: 'MB', measure: memory },
};

/** Time and memory as the data grow; nothing may grow faster than they do. */
export async function growth() {
  const found = Object.fromEntries(Object.keys(FIGURES).map((name) => [name, []]));
  for (const size of SIZES) {
    const stage = await Stage.create(CLIENTS * size);
    try {
      const app = await Profile.installed(stage, LOGIN);
      const words = typed((await stage.records(LOGIN)).map(({ body }) => body)).slice(0, WORDS);
      for (const [name, { measure }] of Object.entries(FIGURES)) {
        const runs = [];
        for (let run = 0; run < RUNS; run++) runs.push(await measure({ stage, app, words }));
        found[name].push(runs);
      }
    } finally {
      await stage.close();
    }
  }
  const lines = Object.entries(found).map(([name, sizes]) => ({ name, values: sizes.map((runs) => median(runs) / median(sizes[0])) }));
  await writeFile(CHART, chart(SIZES, lines));
  return Object.entries(found).flatMap(([name, sizes]) =>
    sizes.map((runs, at) => times({ what: `${name}, ${CLIENTS * SIZES[at]} clients`, unit: FIGURES[name].unit, runs, first: sizes[0], most: at === 0 ? Infinity : SIZES[at] * NOISE })),
  );
}

/** From the first question to a list that shows clients, on a profile that is new. */
function firstSync({ stage }) {
  return stage.fresh({}, async (page) => {
    await page.addInitScript(probe);
    await page.goto('/clients');
    await page.evaluate(() => {
      window.listed = window.bench.there('[data-testid="client-row"]').then(window.bench.drawn);
    });
    await new FieldApp(page).signIn({ login: LOGIN, password: stage.password });
    return page.evaluate(async () => {
      const [first] = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/api/v1/pull'));
      return (await window.listed) - first.startTime;
    });
  });
}

/** From the tap on its place to its first rows: every dossier is read and put into columns. */
function balance({ stage, app }) {
  return app.visit({}, async (page) => {
    await page.goto(`${stage.office.url}/clients`);
    await new FieldApp(page).upToDate();
    await page.evaluate(() => {
      window.tapped = new Promise((resolve) => addEventListener('click', ({ timeStamp }) => resolve(timeStamp), { capture: true, once: true }));
      window.shown = window.bench.there('[data-testid="report-row"]').then(window.bench.drawn);
    });
    await page.getByTestId('nav-balance').click();
    return page.evaluate(async () => (await window.shown) - (await window.tapped));
  });
}

/** What the tab holds once the list is there and garbage is collected: JavaScript, the page's nodes, the program's memory. */
function memory({ stage, app }) {
  return app.visit({}, async (page) => {
    await page.addInitScript(() => {
      const { instantiate } = WebAssembly;
      WebAssembly.instantiate = async (...given) => {
        const program = await instantiate.apply(WebAssembly, given);
        window.programMemory ??= program.exports.memory;
        return program;
      };
    });
    await page.goto(`${stage.office.url}/clients`);
    await page.getByTestId('client-row').first().waitFor();
    await new FieldApp(page).upToDate();
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
    const program = await page.evaluate(() => window.programMemory.buffer.byteLength);
    return (usedSize + embedderHeapUsedSize + backingStorageSize + program) / 1e6;
  });
}
