// Opening the app on what a device holds: read by the page's script while the program comes, and never for somebody who left.
import { FieldApp } from './support/app.mjs';
import { COLLECTORS, fieldOffice } from './support/field-office.mjs';
import { openInvoices, portfolio } from './support/ledger.mjs';
import { expect, test } from './support/scene.mjs';
import { PHONE } from './support/viewports.mjs';

const [COLLECTOR] = COLLECTORS;
const [CLIENT] = portfolio(COLLECTOR.portfolios[0]).filter((code) => openInvoices(code).length > 0);

/** Counts what the page asks of its databases: those it opens, readings of all summaries, and those of them that are its script's. */
function countQuestions() {
  const counts = (window.questions = { registry: 0, database: 0, summaries: 0, ahead: 0 });
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (name, version) {
    counts[name === 'tournee-registry' ? 'registry' : 'database'] += 1;
    return open.call(this, name, version);
  };
  const { getAll } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.getAll = function (...of) {
    if (this.name === 'summaries') counts.summaries += 1;
    if (this.name === 'summaries' && !new Error().stack.includes('/tournee-')) counts.ahead += 1;
    return getAll.apply(this, of);
  };
}

const note = (page) => page.evaluate(() => localStorage.getItem('tournee.read_ahead'));

/** A phone with a collector's portfolio, whose office is then out of reach. */
async function offlinePhone(scene) {
  const office = await fieldOffice(scene);
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  const app = new FieldApp(page);
  await app.signIn(COLLECTOR);
  await app.upToDate();
  await app.readyOffline();
  scene.watch.expectNetworkFailures();
  await office.stop();
  await page.addInitScript(countQuestions);
  /** The list of clients on a page that has just been opened. */
  const opened = async () => {
    await page.goto(`${office.url}/clients`);
    await expect(app.row(CLIENT)).toBeVisible();
    return page.evaluate(() => ({ ...window.questions }));
  };
  return { app, page, opened };
}

test('what opening needs is read once, before the program asks; what was not read ahead, it asks for itself', async ({ scene }) => {
  const { app, page, opened } = await offlinePhone(scene);
  expect(await opened()).toEqual({ registry: 1, database: 1, summaries: 1, ahead: 1 });

  // Own facts wait: they belong to the same moment as all else, and are not read ahead.
  await app.openClient(CLIENT);
  const owed = await app.balance();
  await app.fillPayment({ amount: 1_000 });
  await app.confirmPayment();
  expect(await opened()).toMatchObject({ database: 1, summaries: 2 });
  await app.openClient(CLIENT);
  expect(await app.balance()).toBe(owed - 1_000n);

  // Notes of other versions, or of nobody's.
  const right = await note(page);
  const [[name, version], registry] = JSON.parse(right);
  const pieces = [
    [name, version, [['meta', 'getAll']]],
    [name, version, [['nothing', 'getAll']]],
    [name, version + 1, [['meta', 'getAll']]],
    ['tournee-nobody', 1, [['meta', 'getAll']]],
  ];
  const notes = [...pieces.map((piece) => [piece, registry]), {}];
  for (const wrong of notes) {
    await page.evaluate((text) => localStorage.setItem('tournee.read_ahead', text), JSON.stringify(wrong));
    await opened();
    expect(await note(page), JSON.stringify(wrong)).toBe(right);
  }
});

test('a note that outlives the sign-out opens nothing', async ({ scene }) => {
  const { app, page, opened } = await offlinePhone(scene);
  await opened();
  const kept = await note(page);
  await app.go('more');
  await app.id('sign-out').click();
  await app.id('sign-out-confirm').click();
  const known = app.id(`known-${COLLECTOR.login}`);
  await expect(known).toBeVisible();
  expect(await note(page)).toBeNull();

  // As if the battery had died before localStorage was written out.
  await page.evaluate((kept) => localStorage.setItem('tournee.read_ahead', kept), kept);
  await page.reload();
  await expect(known).toBeVisible();
  await expect(page.getByRole('navigation')).toHaveCount(0);

  await known.click();
  await app.ready();
  expect(await opened()).toEqual({ registry: 1, database: 1, summaries: 1, ahead: 1 });
});
