// What goes wrong in the field and at the office, and what must survive it (SYNC §2); see also faults/.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FieldApp } from './support/app.mjs';
import { Api } from './support/api.mjs';
import { paymentsInTheJournal } from './support/books.mjs';
import { FieldDevice } from './support/field-device.mjs';
import { COLLECTORS, MANAGER, fieldOffice } from './support/field-office.mjs';
import { text } from './support/language.mjs';
import { INVOICES_CSV, TRUTH, clientForTheDay, portfolio } from './support/ledger.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { PASSWORD } from './support/office.mjs';
import { Scene, expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { variantBuild } from './support/variant.mjs';
import { PHONE } from './support/viewports.mjs';

// One office and one ledger for all; each story has a collector of its own.
test.describe.configure({ mode: 'default' });
let common;
let office;
test.beforeAll(async () => {
  common = new Scene();
  office = await fieldOffice(common);
});
test.afterAll(() => common.close());

/** Payments the office has from this collector. */
async function paymentsOf(collector) {
  const api = await Api.signIn(office.url, MANAGER);
  return (await api.activity()).filter(({ event }) => event.what.kind === 'payment' && event.author === collector.name);
}

/** The journal proves itself and holds each of these receipts once, with its amount: `{receipt: francs}`. */
async function expectInTheBooks(scene, paid) {
  const payments = (await paymentsInTheJournal(scene, office)).filter(({ receipt }) => receipt in paid);
  expect(Object.fromEntries(payments.map(({ receipt, amount }) => [receipt, amount]))).toEqual(paid);
  expect(payments).toHaveLength(Object.keys(paid).length);
}

test('a captive portal is not the office: nothing is believed, nothing is lost', async ({ scene }, testInfo) => {
  const [collector] = COLLECTORS;
  const { client, invoices } = clientForTheDay(collector.portfolios[0]);
  const network = await scene.network(office);
  const device = await scene.device(PHONE);
  const page = await device.newPage(network.url);
  const app = new FieldApp(page);
  await app.signIn(collector);
  await app.readyOffline();

  scene.watch.expectNetworkFailures();
  // When the line for the office's events is opened anew, the portal answers that, too.
  scene.watch.expect(/EventSource's response has a MIME type/);
  await network.captivePortal();
  await app.openClient(client);
  await app.fillPayment({ amount: invoices[0].open });
  const receipt = await app.confirmPayment();
  await page.getByTestId('receipt-to-client').click();
  await app.openSync();
  await page.getByTestId('sync-now').click();
  await expect.poll(() => network.portalAnswered.some((line) => line.includes('/api/v1/push'))).toBe(true);
  await expect(page.getByTestId('sync-error')).toContainText(text('fr', 'sync_portal'));
  await expect(page.getByTestId('sync-waiting')).toHaveText('1');
  await shoot(page, testInfo.project.name, '40-captive-portal');
  await page.reload(); // the portal's page does not replace the app either
  await app.ready();
  expect(await paymentsOf(collector)).toHaveLength(0);

  await network.heal();
  await app.openSync();
  await page.getByTestId('sync-now').click();
  await app.upToDate();
  await expect(page.getByTestId('sync-waiting')).toHaveText('0');
  expect(await paymentsOf(collector)).toHaveLength(1);
  await expectInTheBooks(scene, { [receipt]: invoices[0].open });
});

test('two tabs record at the same time: distinct receipts without gaps, all arrive', async ({ scene }) => {
  const [, collector] = COLLECTORS;
  const clients = portfolio(collector.portfolios[0]).filter((code) => BigInt(TRUTH.first.open_by_client[code] ?? 0) > 10_000n).slice(0, 4);
  const amountOf = (round, tab) => 1000n + BigInt(round * 2 + tab);
  const device = await scene.device(PHONE);
  const tabs = [];
  for (let n = 0; n < 2; n++) {
    const app = new FieldApp(await device.newPage(office.url));
    if (n === 0) await app.signIn(collector);
    else await app.comeBack(collector);
    tabs.push(app);
  }
  const paid = {};
  for (let round = 0; round < 2; round++) {
    for (const [n, app] of tabs.entries()) {
      await app.openClient(clients[round * 2 + n]);
      await app.fillPayment({ amount: amountOf(round, n) });
    }
    const receipts = await Promise.all(tabs.map((app) => app.confirmPayment())); // both at once
    for (const [n, receipt] of receipts.entries()) paid[receipt] = amountOf(round, n);
    for (const app of tabs) await app.page.getByTestId('receipt-to-client').click();
  }
  const numbers = Object.keys(paid);
  expect(numbers.map((number) => Number(number.split('-').at(-1))).sort()).toEqual([1, 2, 3, 4]);
  for (const app of tabs) await app.upToDate();
  const arrived = await paymentsOf(collector);
  expect(arrived.map(({ event }) => event.what.receipt).sort()).toEqual([...numbers].sort());
  expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
  await expectInTheBooks(scene, paid);
});

test('facts leave by the device’s signature although the session has expired', async ({ scene }, testInfo) => {
  const [, , , collector] = COLLECTORS;
  const { client, invoices } = clientForTheDay(collector.portfolios[0]);
  const network = await scene.network(office);
  const device = await scene.device(PHONE);
  const page = await device.newPage(network.url);
  const app = new FieldApp(page);
  await app.signIn(collector);
  await app.readyOffline();
  await app.openClient(client);

  scene.watch.expectNetworkFailures();
  scene.watch.expect(/status of 401/);
  await network.cut();
  await app.fillPayment({ amount: invoices[0].open });
  const receipt = await app.confirmPayment();
  await device.context.clearCookies();
  await network.heal();
  await app.openSync();
  await page.getByTestId('sync-now').click();
  await expect(page.getByTestId('sync-waiting')).toHaveText('0', { timeout: 60_000 });
  expect((await paymentsOf(collector)).map(({ event }) => event.what.receipt)).toEqual([receipt]);
  await expect(page.getByTestId('sync-expired')).toBeVisible(); // to receive, one signs in again, in place
  await shoot(page, testInfo.project.name, '41-session-expired');
  await page.getByTestId('sync-expired').getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sync-expired').getByTestId('sign-in-submit').click();
  await expect(page.getByTestId('sync-expired')).toHaveCount(0);
  await app.upToDate();
});

test('a fact nobody can read is set aside, and the queue goes on', async ({ scene }, testInfo) => {
  const [collector] = COLLECTORS;
  const { client, invoices } = clientForTheDay(collector.portfolios[0]);
  const device = await FieldDevice.enrol(office.url, collector);
  const before = (await paymentsOf(collector)).length;
  const payment = { client, invoice: invoices[1].number, amount: '1000', date: '2026-11-20' };
  const valid = (change) => ({ client, date: payment.date, receipt: `NIA-${device.device.label}-E1-000009`, currency: 'XOF', amount: '1000', method: { kind: 'cash' }, allocations: [], ...change });
  device.record('hologram', { client });
  device.record('payment', valid({ amount: '12O OOO' }));
  device.record('payment', valid({ method: { kind: 'barter' } }));
  device.recordCash(payment);
  const results = await device.push();
  expect(results.map(({ status }) => status)).toEqual(['quarantined', 'quarantined', 'quarantined', 'accepted']);
  expect(results.slice(0, 3).map(({ detail }) => detail.length > 10)).toEqual([true, true, true]);
  expect((await paymentsOf(collector)).length).toBe(before + 1);

  const manager = new OfficeApp(await scene.desk(office.url));
  await manager.page.goto('/');
  await manager.signIn(MANAGER);
  await manager.go('attention');
  await expect(manager.page.getByTestId('set-aside').filter({ hasText: 'hologram' })).toHaveCount(1);
  await shoot(manager.page, testInfo.project.name, '42-attention');
});

test('files that are no ledger export are refused in words, and nothing goes in', async ({ scene }, testInfo) => {
  const folder = await scene.folder();
  const put = async (name, bytes) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const zip = Buffer.concat([Buffer.from('504b030414000600080000002100', 'hex'), Buffer.alloc(2000, 7)]);
  const utf16 = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from('Code client;Raison sociale\r\nC9;Société X\r\n', 'utf16le')]);
  const huge = join(folder, 'grand-livre.csv');
  const file = await open(huge, 'w');
  await file.truncate(200 * 1024 * 1024); // sparse: it takes no room
  await file.close();

  scene.watch.expect(/status of 4(13|22)/, /\/api\/v1\/imports/);
  const manager = new OfficeApp(await scene.desk(office.url));
  const { page } = manager;
  await page.goto('/');
  await manager.signIn(MANAGER);
  const before = await (await Api.signIn(office.url, MANAGER)).json('GET', '/imports');
  const refusals = [
    [await put('clients.csv', zip), 'import_refused_not_text'],
    [await put('facture.csv', Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n')), 'import_refused_not_text'],
    [await put('vide.csv', ''), 'import_empty'],
    [await put('entete.csv', 'N° pièce;Type\r\n'), undefined],
    [huge, 'import_too_large'],
  ];
  for (const [invoices, key] of refusals) {
    await manager.chooseFiles({ invoices });
    await page.getByTestId('import-upload').click();
    const summary = page.getByTestId('error-summary');
    await expect(summary).toBeVisible();
    if (key) {
      const words = text('fr', key).replace(/\{.*/s, '').trim();
      await expect(summary).toContainText(words.length > 0 ? words : text('fr', key).split('}').at(-1).trim());
    }
    await expect(page.getByTestId('import-preview')).toHaveCount(0);
    await shoot(page, testInfo.project.name, `43-refused-${key ?? 'heading'}`);
  }
  // An encoding nobody named is found all the same.
  await manager.chooseFiles({ clients: await put('utf16.csv', utf16) });
  await page.getByTestId('import-upload').click();
  await expect(page.getByTestId('import-detected-clients')).toContainText(/UTF-16/i);
  // A wrong one, forced, is refused.
  await manager.chooseFiles({ invoices: INVOICES_CSV });
  await page.getByTestId('import-upload').click();
  await page.getByTestId('import-mapping-invoices').click();
  await page.getByTestId('import-invoices-encoding').selectOption({ label: 'UTF-8' });
  await expect(page.getByTestId('error-summary')).toContainText(text('fr', 'import_refused_undecodable'));
  await shoot(page, testInfo.project.name, '44-wrong-encoding');
  const after = await (await Api.signIn(office.url, MANAGER)).json('GET', '/imports');
  expect(after).toEqual(before);

  // The office refuses by itself what the page would have kept back.
  const api = await Api.signIn(office.url, MANAGER);
  const form = new FormData();
  form.append('options', '{}');
  form.append('invoices', new Blob([Buffer.alloc(51 * 1024 * 1024, 65)]), 'grand-livre.csv');
  const refused = await api.request('POST', '/imports', form, { 'x-tournee': '1' });
  expect(refused.status).toBe(413);
  expect(await refused.text()).toMatch(/52428800/);
});

test('wrong amounts are named where they stand', async ({ scene }, testInfo) => {
  const [, collector] = COLLECTORS;
  const { client, invoices } = clientForTheDay(collector.portfolios[0]);
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  const app = new FieldApp(page);
  await app.signIn(collector);
  await app.openClient(client);
  await page.getByTestId('pay-open').click();
  for (const [typed, key] of [['', 'amount_missing'], ['12O OOO', 'amount_not_number'], ['0', 'amount_positive'], ['1000,50', 'amount_no_subunit'], ['-5', undefined]]) {
    await page.getByTestId('amount').fill(typed);
    await page.getByTestId('pay-next').click();
    const summary = page.getByTestId('error-summary');
    await expect(summary).toBeVisible();
    if (key) await expect(summary).toContainText(text('fr', key));
    await expect(page.getByTestId('amount')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByTestId('confirm-amount')).toHaveCount(0);
  }
  await shoot(page, testInfo.project.name, '45-wrong-amount');
  await page.getByTestId('amount').fill(String(invoices[0].open));
  await app.allocateByHand({ [invoices[1].number]: invoices[1].open + 1n });
  await page.getByTestId('pay-next').click();
  await expect(page.getByTestId('error-summary')).toContainText(invoices[1].number);
  await expect(page.getByTestId('confirm-amount')).toHaveCount(0);
});

test('what was typed survives the battery', async ({ scene }) => {
  const [, collector] = COLLECTORS;
  const { client, invoices } = clientForTheDay(collector.portfolios[0]);
  const device = await scene.device(PHONE);
  let page = await device.newPage(office.url);
  let app = new FieldApp(page);
  await app.signIn(collector);
  await app.openClient(client);
  await app.startVisit();
  await page.getByTestId('visit-person-name').fill('Hadiza Moumouni');
  await app.comment(invoices[0].number, 'Conteste la quantité livrée.');
  await page.getByTestId('visit-pay').click();
  await page.getByTestId('method-cheque').click();
  await page.getByTestId('amount').fill('123456');
  await page.getByTestId('cheque-number').fill('778899');
  // The last keystroke is on the disk before the battery goes: what is asked is not luck.
  await expect.poll(async () => app.draftsHold(page, '778899')).toBe(true);
  await device.kill();
  scene.watch.expect(/status of 401/); // Chromium writes cookies late: the session may be gone, the work is not

  await device.open();
  page = await device.newPage(office.url);
  app = new FieldApp(page);
  await app.comeBack(collector);
  await expect(page.getByTestId('draft')).toHaveCount(2);
  await page.getByTestId('draft').filter({ hasText: text('fr', 'draft_payment') }).click();
  await expect(page.getByTestId('cheque-number')).toHaveValue('778899');
  await expect(page.getByTestId('amount')).toHaveValue(/^123\s456$/);
  await page.getByTestId('back').click();
  await app.resumeVisit();
  await expect(page.getByTestId('visit-person-name')).toHaveValue('Hadiza Moumouni');
  await expect(page.getByTestId(`visit-comment-${invoices[0].number}`)).toHaveValue('Conteste la quantité livrée.');
});

test('leaving a form while it is being recorded loses nothing', async ({ scene }) => {
  const [collector] = COLLECTORS;
  const { client, invoices } = clientForTheDay(collector.portfolios[0]);
  const page = await scene.desk(office.url, { viewport: PHONE });
  const app = new FieldApp(page);
  await page.goto('/');
  await app.signIn(collector);
  /** Taps the button and a place of the navigation in one breath. */
  const tapAndLeave = (id) =>
    page.evaluate((button) => {
      for (const name of [button, 'nav-more']) document.querySelector(`[data-testid="${name}"]`).click();
    }, id);
  const own = async () => {
    await app.openSync();
    await page.getByTestId('sync-now').click();
    await expect(page.getByTestId('sync-waiting')).toHaveText('0');
    await page.getByTestId('sync-sent-open').click();
    return page.getByTestId('sync-fact').count();
  };

  await app.openClient(client);
  await app.fillPayment({ amount: 1000n });
  await tapAndLeave('pay-confirm');
  await app.openClient(client);
  await app.startVisit();
  await page.getByTestId('visit-outcome-closed').check();
  await tapAndLeave('visit-end');
  await app.openClient(client);
  await app.openPaper(invoices.at(-2).number, 'discharge');
  await tapAndLeave('paper-discard');
  await app.openClient(client);
  await app.openPaper(invoices.at(-2).number, 'discharge');
  await app.fillSigner({ name: 'Salamatou Garba' });
  await app.drawSignature();
  await tapAndLeave('paper-save');
  await app.openClient(client);
  await app.openPaper(invoices.at(-1).number, 'slip');
  await app.fillSigner({ name: 'Moussa Magasin' });
  await app.drawSignature();
  await tapAndLeave('paper-save');
  expect(await own()).toBe(4);
  await app.go('');
  await expect(page.getByTestId('draft')).toHaveCount(0); // nothing half-done comes back
});

test('a new version waits until the open form is closed', async ({ scene }) => {
  const [, , collector] = COLLECTORS;
  const { client } = clientForTheDay(collector.portfolios[0]);
  const next = await variantBuild(join(await scene.folder(), 'next'));
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  const app = new FieldApp(page);
  await app.signIn(collector);
  await app.readyOffline();
  await app.openClient(client);
  await page.getByTestId('pay-open').click();
  await page.getByTestId('amount').fill('77000');
  await page.evaluate(() => (window.stillHere = true));

  scene.watch.expectNetworkFailures(); // the moment between two servers
  await office.stop();
  await office.start({ assets: next });
  await page.evaluate(() => window.tourneeUpdate.check());
  await page.waitForFunction(() => window.tourneeUpdate.ready);
  await expect(page.getByTestId('update-apply')).toHaveCount(0);
  expect(await page.evaluate(() => window.stillHere)).toBe(true);
  await expect(page.getByTestId('amount')).toHaveValue(/^77\s000$/);

  await app.go('more');
  await expect(page.getByTestId('update-apply')).toBeVisible();
  expect(await page.evaluate(() => window.stillHere)).toBe(true); // offered, not done
  await Promise.all([page.waitForEvent('load'), page.getByTestId('update-apply').click()]);
  await app.ready();
  expect(await page.evaluate(() => window.stillHere)).toBeUndefined();
  await app.go('');
  await expect(page.getByTestId('draft')).toHaveCount(1); // and nothing typed was lost
});
