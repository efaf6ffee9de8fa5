import { payments } from './confirm.mjs';
import { Profile } from './profile.mjs';
import { beside, within } from './report.mjs';
import { LOGIN, Stage } from './stage.mjs';

/** More than other figures need: a frame, which is 17 ms, is a tenth of these. */
const RUNS = 15;

/** Records in one chunk of the floor. */
const CHUNK = 1000;

/** How much lies on the device, and how long reopening may take beside the floor. */
const SIZES = [
  { clients: 1000, most: 1.0 },
  { clients: 10_000, most: 0.6 },
];
/**
 * What is there of the app before. As long as its service worker runs, half a minute after its last word, the browser has the
 * compiled program in memory; then each function is compiled at its first call.
 */
const WAYS = [
  { how: 'a new page while the service worker runs', slowed: 1, before: 'worker' },
  { how: 'a new page while the service worker runs, processor slowed 4 ×', slowed: 4, before: 'worker' },
  { how: 'a new page, nothing of the app running', slowed: 1, before: 'nothing' },
  { how: 'a new page, nothing of the app running, processor slowed 4 ×', slowed: 4, before: 'nothing' },
  { how: 'the browser started again', slowed: 1, before: 'restart' },
];

/** From the address to a list of clients that has answered a tap; floor: the same records read, parsed and sorted. */
export async function reopen() {
  const rows = [];
  for (const { clients, most } of SIZES) {
    const stage = await Stage.create(clients);
    try {
      const [app, floor] = await prepared(stage);
      const openApp = async (slowed, before) => {
        if (before === 'worker' && (await app.workers()).length === 0) throw new Error('the service worker does not run');
        if (before === 'nothing') await app.endWorkers();
        return opened(app, slowed, before === 'restart', (page) => page.goto(`${stage.office.url}/clients`));
      };
      for (const { how, slowed, before } of WAYS) {
        const times = { app: [], floor: [] };
        for (let run = 0; run < RUNS; run++) {
          times.floor.push(await opened(floor, slowed, before === 'restart', (page) => stage.openFloor(page, 'reopen')));
          times.app.push(await openApp(slowed, before));
        }
        rows.push(beside({ what: `reopen with ${clients} clients: ${how}`, runs: times.app, floor: times.floor, most }));
      }
      await stage.office.stop();
      await app.visit({}, (page) => payments(page, stage));
      const waiting = [];
      for (let run = 0; run < RUNS; run++) waiting.push(await openApp(1, 'nothing'));
      rows.push(within({ what: `reopen with ${clients} clients: a new page, nothing of the app running, no network, six payments waiting`, runs: waiting }));
    } finally {
      await stage.close();
    }
  }
  return rows;
}

/** A phone with the app, and one with the floor's page, that hold the same records. */
async function prepared(stage) {
  const app = await Profile.installed(stage, LOGIN);
  const records = (await stage.records(LOGIN)).map(({ body }) => body);
  const floor = await Profile.bare(stage, 'reopen', async (page) => {
    for (let at = 0; at < records.length; at += CHUNK) {
      const chunk = JSON.stringify(records.slice(at, at + CHUNK));
      await page.evaluate(([n, chunk]) => window.keep(n, chunk), [at / CHUNK, chunk]);
    }
  });
  return [app, floor];
}

/** Milliseconds from the start of the navigation until a tap on « overdue » shows. */
export async function opened(profile, slowed, restarted, go) {
  if (restarted) await profile.restart();
  return profile.visit({ slowed }, async (page) => {
    await page.addInitScript(() => {
      const filter = '[data-testid="filter-overdue"]';
      window.answered = window.bench.there('[data-testid="client-row"]').then(async () => {
        document.querySelector(filter).click();
        await window.bench.there(`${filter}[aria-pressed="true"]`);
        return window.bench.drawn();
      });
    });
    await go(page);
    return page.evaluate(() => window.answered);
  });
}
