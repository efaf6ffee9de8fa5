import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../e2e/support/paths.mjs';
import { beside } from './report.mjs';
import { LOGIN, RUNS, Stage } from './stage.mjs';

const CLIENTS = 1000;

/** The first portfolio of a manager, from the first question to a list that shows clients; floor: the same pages stored. */
export async function firstSync() {
  const stage = await Stage.create(CLIENTS);
  try {
    const rows = [];
    for (const slowed of [1, 4]) {
      const [runs, floor] = [[], []];
      let told;
      for (let run = 0; run < RUNS; run++) {
        told = await stage.fresh({ slowed }, (page) => bare(stage, page));
        floor.push(told.ms);
        runs.push(await stage.fresh({ slowed }, (page) => app(stage, page)));
      }
      const what = `first sync of ${CLIENTS} clients and their invoices, ${told.pages} pages, ${Math.round(told.bytes / 1000)} kB of JSON${slowed > 1 ? `, processor slowed ${slowed} ×` : ''}`;
      // The budget is of a processor at its own speed (DESIGN §5).
      rows.push(beside({ what, runs, floor, most: slowed > 1 ? undefined : 1.5 }));
    }
    return rows;
  } finally {
    await stage.close();
  }
}

async function bare(stage, page) {
  await stage.openFloor(page, 'first-sync');
  const form = Number(/SUMMARY_FORM: u32 = (\d+)/.exec(await readFile(join(ROOT, 'crates/domain/src/summary.rs'), 'utf8'))[1]);
  return page.evaluate(([login, password, form]) => window.measure(login, password, form), [LOGIN, stage.password, form]);
}

async function app(stage, page) {
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector('[data-testid="client-row"]')) return;
      seen.disconnect();
      // Painted at the frame after this one.
      requestAnimationFrame(() => requestAnimationFrame(() => (window.listShown = performance.now())));
    });
    addEventListener('DOMContentLoaded', () => seen.observe(document.body, { childList: true, subtree: true }));
  });
  await page.goto('/clients');
  await page.getByTestId('sign-in-login').fill(LOGIN);
  await page.getByTestId('sign-in-password').fill(stage.password);
  await page.getByTestId('sign-in-submit').click();
  await page.waitForFunction(() => window.listShown, undefined, { timeout: 120_000 });
  return page.evaluate(() => {
    const first = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/api/v1/pull'));
    return window.listShown - first.startTime;
  });
}
