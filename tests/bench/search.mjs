import { Profile } from './profile.mjs';
import { median, quantile, within } from './report.mjs';
import { LOGIN, RUNS, Stage } from './stage.mjs';

const CLIENTS = 10_000;

/** The budget of one search, in milliseconds: as usual, and with the processor slowed 4 ×. */
const BUDGETS = [
  { slowed: 1, middle: 1, p95: 4 },
  { slowed: 4, middle: Infinity, p95: 16 },
];

/** Clients whose name, code, city, phone and invoice are typed, letter by letter. */
const SEARCHED = 2;

/** The first letter comes so long after the field was touched: time to find it on the keyboard. */
const FIRST_LETTER_AFTER_MS = 500;

/** What one keystroke costs over 10,000 clients; floor: a scan of folded names. */
export async function search() {
  const stage = await Stage.create(CLIENTS);
  try {
    const app = await Profile.installed(stage, LOGIN);
    const floor = await Profile.bare(stage, 'search');
    const records = (await stage.records(LOGIN)).map(({ body }) => body);
    const queries = typed(records);
    const names = records.map(({ client }) => client.name);
    const rows = [];
    for (const { slowed, middle, p95 } of BUDGETS) {
      const runs = [];
      for (let run = 0; run < RUNS; run++) {
        const scan = await floor.visit({ slowed }, (page) => bare(page, stage, names, queries));
        runs.push({ scan, ...(await app.visit({ slowed }, (page) => keystrokes(page, stage, queries))) });
      }
      const of = (kind, figure) => runs.map((run) => figure(run[kind]));
      const high = (times) => quantile(times, 0.95);
      const how = slowed > 1 ? `, processor slowed ${slowed} ×` : '';
      const row = (what, kind, most, figure) => rows.push(within({ what: `${what} over ${CLIENTS} clients${how}`, runs: of(kind, figure), floor: of('scan', figure), most }));
      row('a keystroke that changes no row, median', 'searches', middle, median);
      row('a keystroke that changes no row, p95', 'searches', p95, high);
      row('a keystroke with its rows and layout, median', 'keystrokes', undefined, median);
      row('a keystroke with its rows and layout, p95', 'keystrokes', undefined, high);
      row('the first keystroke, half a second after the field was touched,', 'first', undefined, median);
    }
    return rows;
  } finally {
    await stage.close();
  }
}

/** Words as a collector types them, spread over the portfolio; every fifth with a slip of the finger. */
export function typed(records) {
  const step = Math.floor(records.length / SEARCHED);
  const some = Array.from({ length: SEARCHED }, (_, n) => records[n * step]);
  const words = some.flatMap(({ client, invoices }) => [client.name, client.code, client.city, client.phone.slice(0, 16), invoices[0].number]);
  const slip = (word) => word.slice(0, 3) + word.slice(4, 5) + word.slice(3, 4) + word.slice(5);
  return words.map((word, n) => (n % 5 === 0 && n % 2 === 0 ? slip(word) : word));
}

/**
 * Types each word letter by letter. A keystroke is what the main thread does from the input event until the new rows are
 * laid out. A search is a keystroke that cannot change a row: a blank after the word, which finds the same clients again.
 */
export async function keystrokes(page, stage, queries) {
  await page.goto(`${stage.office.url}/clients`);
  await page.getByTestId('client-row').first().waitFor();
  return page.evaluate(async ([queries, firstLetterAfter_ms]) => {
    const input = document.querySelector('[data-testid="client-search"]');
    const shown = async () => {
      await window.bench.drawn();
      await window.bench.drawn();
      return [...document.querySelectorAll('[data-testid="client-row"]')].map((row) => row.dataset.code).join();
    };
    const later = () => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(undefined);
    });
    const key = async (text) => {
      // Just after a frame, so that the next one does not fall into what is measured.
      await window.bench.drawn();
      const began = performance.now();
      input.value = text;
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
      // The rows change in tasks that come before any message.
      await later();
      const found = performance.now();
      document.body.getBoundingClientRect();
      return { found: found - began, laidOut: performance.now() - began };
    };
    input.focus();
    await new Promise((resolve) => setTimeout(resolve, firstLetterAfter_ms));
    const first = await key(queries[0].slice(0, 1));
    const [searches, keystrokes] = [[], []];
    for (const query of queries) {
      for (let letters = 1; letters <= query.length; letters++) {
        keystrokes.push((await key(query.slice(0, letters))).laidOut);
        const before = await shown();
        // Rows below the screen may come in between, where there was no row before.
        const same = (after) => (before === '' ? after === '' : after.startsWith(before));
        searches.push((await key(`${query.slice(0, letters)} `)).found);
        if (!same(await shown())) throw new Error(`« ${query.slice(0, letters)} » and a blank find other clients`);
      }
    }
    return { searches, keystrokes, first: [first.laidOut] };
  }, [queries, FIRST_LETTER_AFTER_MS]);
}

async function bare(page, stage, names, queries) {
  await stage.openFloor(page, 'search');
  return page.evaluate(([names, queries]) => window.measure(names, queries), [names, queries]);
}
