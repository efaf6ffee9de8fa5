import { Profile } from './profile.mjs';
import { quantile, within } from './report.mjs';
import { LOGIN, RUNS, Stage } from './stage.mjs';

const CLIENTS = 1000;
const SLOWED = 4;
const BUDGET_MS = 100;

/** Rounds of the day's taps in one run, each with another client. */
const ROUNDS = 3;

/** What is not there by then does not come. */
const MISSED_MS = 20_000;

const id = (name) => `[data-testid="${name}"]`;
const SHEET = 'dialog[open] .sheet-body > *';
const NO_SHEET = 'body:not(:has(dialog[open]))';

/** What a manager taps in a day: where, and what is on the page then and was not before. */
const TAPS = [
  ['filter the list', id('filter-overdue'), `${id('filter-overdue')}[aria-pressed="true"]`],
  ['take the filter off', id('filter-overdue'), `${id('filter-overdue')}[aria-pressed="false"]`],
  ['open sort and choice', id('list-sort'), SHEET],
  ['close them', `dialog[open] ${id('sheet-close')}`, NO_SHEET],
  ['open a client', 'client', `.panes[data-open="true"] ${id('client-balance')}`],
  ['papers', id('tab-papers'), '#panel-papers:not([hidden]) > *'],
  ['history', id('tab-history'), '#panel-history:not([hidden]) > *'],
  ['information', id('tab-infos'), '#panel-infos:not([hidden]) > *'],
  ['invoices', id('tab-invoices'), `#panel-invoices:not([hidden]) ${id('invoice')}`],
  ['open an invoice', id('invoice'), `dialog[open] ${id('invoice-sheet')}`],
  ['close it', `dialog[open] ${id('sheet-close')}`, NO_SHEET],
  ['open the contacts', id('contact-open'), SHEET],
  ['close them', `dialog[open] ${id('sheet-close')}`, NO_SHEET],
  ['open the payment form', id('pay-open'), '#amount'],
  ['choose cheque', id('method-cheque'), '#cheque-bank'],
  ['choose cash', id('method-cash'), id('cash-count-open')],
  ['the read-back', id('pay-next'), id('confirm-amount')],
  ['back to the form', id('pay-edit'), '#amount'],
  ['throw it away', id('pay-discard'), `.panes[data-open="true"] ${id('client-balance')}`],
  ['back to the list', `.pane-detail ${id('back')}`, '.panes[data-open="false"]'],
  ['to the activity', id('nav-activity'), `${id('activity-list')}:not([hidden]) > li`],
  ['to more', id('nav-more'), id('me-name')],
  ['to the exchange', id('more-sync'), id('sync-waiting')],
  ['to the clients', id('nav-clients'), id('client-row')],
];

/** From a tap to the frame that answers it, and to the frame that shows all of its change, with the processor slowed. */
export async function tap() {
  const stage = await Stage.create(CLIENTS);
  try {
    const app = await Profile.installed(stage, LOGIN);
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await app.visit({ slowed: SLOWED }, (page) => day(page, stage)));
    const how = `processor slowed ${SLOWED} ×`;
    const of = (which, figure) => runs.map((taps) => quantile(taps.filter(which).map(({ [figure]: ms }) => ms), 0.98));
    const p98 = (what, which, figure, most) => within({ what: `${TAPS.length} taps of a day, ${how}: p98 of ${what}`, runs: of(which, figure), most });
    const again = (_, at) => at >= TAPS.length;
    const each = TAPS.map(([what], n) => within({ what: `${what}, whole`, runs: runs.flatMap((taps) => taps.filter((_, at) => at % TAPS.length === n).map(({ whole }) => whole)) }));
    each.push(...TAPS.map(([what], n) => within({ what: `${what}, answer`, runs: runs.flatMap((taps) => taps.filter((_, at) => at % TAPS.length === n).map(({ answer }) => answer)) })));
    return [
      p98('the answer', () => true, 'answer', BUDGET_MS),
      p98('the answer, pages opened before', again, 'answer', BUDGET_MS),
      p98('the whole change', () => true, 'whole'),
      p98('the whole change, pages opened before', again, 'whole'),
      ...each,
    ];
  } finally {
    await stage.close();
  }
}

async function day(page, stage) {
  const finger = await page.context().newCDPSession(page);
  await finger.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 });
  await page.goto(`${stage.office.url}/clients`);
  await page.getByTestId('client-row').first().waitFor();
  const taps = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [what, where, shows] of TAPS) {
      const target = where === 'client' ? page.getByTestId('client-row').nth(round) : page.locator(where).filter({ visible: true }).first();
      if (what === 'the read-back') await page.locator('#amount').fill('1000');
      taps.push(await tapped(page, finger, target, shows));
    }
  }
  return taps;
}

/**
 * Milliseconds from the finger's release on `target` to two frames: the answer has a new heading, an open sheet or what
 * `shows` names; the whole has what `shows` names.
 */
async function tapped(page, finger, target, shows) {
  await target.scrollIntoViewIfNeeded();
  await page.evaluate(async (shows) => {
    if (document.querySelector(shows)) throw new Error(`${shows} is there before the tap`);
    // Whatever the last tap set going has come to rest.
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 }));
    const headings = () => [...document.querySelectorAll('h1, dialog[open]')].map(({ tagName, textContent }) => (tagName === 'H1' ? textContent : 'sheet')).join();
    const before = headings();
    const { there, drawn } = window.bench;
    const tapped = new Promise((resolve) => addEventListener('click', ({ timeStamp }) => resolve(timeStamp), { capture: true, once: true }));
    const whole = there(shows).then(drawn);
    const answer = Promise.race([whole, there('body', () => headings() !== before).then(drawn)]);
    window.shown = Promise.all([tapped, answer, whole]).then(([tap, answer, whole]) => ({ answer: answer - tap, whole: whole - tap }));
  }, shows);
  const { x, y, width, height } = await target.boundingBox();
  const touch = (type, touchPoints) => finger.send('Input.dispatchTouchEvent', { type, touchPoints });
  await touch('touchStart', [{ x: x + width / 2, y: y + height / 2 }]);
  await touch('touchEnd', []);
  let deadline;
  const missed = new Promise((_, reject) => {
    deadline = setTimeout(reject, MISSED_MS, new Error(`${shows} does not come after the tap`));
  });
  return Promise.race([page.evaluate(() => window.shown), missed]).finally(() => clearTimeout(deadline));
}
