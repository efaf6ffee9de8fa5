// A collector's day: the ledger goes in at the office, the day is lived without any network, and everything arrives.
import { join } from 'node:path';
import { FieldApp } from './support/app.mjs';
import { Api } from './support/api.mjs';
import { parseCsv } from './support/csv.mjs';
import { FieldDevice } from './support/field-device.mjs';
import { text } from './support/language.mjs';
import { CLIENTS_CSV, INVOICES_CSV, TRUTH, clientForTheDay, portfolio } from './support/ledger.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { PASSWORD } from './support/office.mjs';
import { writePhoto } from './support/photo.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { storedText } from './support/storage.mjs';

const MANAGER = { login: 'direction', name: 'Rahila Direction', role: 'manager', password: PASSWORD };
const MARIAMA = { login: 'mariama', name: 'Mariama Issoufou', role: 'collector', portfolios: ['REC01'], password: PASSWORD };
const IBRAHIM = { login: 'ibrahim', name: 'Ibrahim Oumarou', role: 'collector', portfolios: ['REC02'], password: PASSWORD };
const ACCOUNTANT = { login: 'compta', name: 'Aïcha Comptable', role: 'accountant', password: PASSWORD };

/** The truth's bad rows as the French page has to list them: the clients' file first. */
const WHY = {
  'invalid date': 'why_invalid_date',
  'unknown client': 'why_unknown_client',
  'gross is not net plus VAT': 'why_gross',
  'number repeated in the file': 'why_number_repeated',
  'code repeated in the file': 'why_code_repeated',
  'not a number': 'why_not_a_number',
  'the currency has no subunit': 'why_no_subunit',
};
const BAD_ROWS = [
  ...TRUTH.first.bad_client_rows.map(({ line, code, column, why }) => ({ file: 'Clients', line, piece: code, column, why: text('fr', WHY[why]) })),
  ...TRUTH.first.bad_rows.map(({ line, piece, column, why }) => ({ file: 'Factures', line, piece, column, why: text('fr', WHY[why]) })),
];

test('a day without network, from the ledger to the office’s totals', async ({ scene }, testInfo) => {
  const size = testInfo.project.name;
  const { viewport } = testInfo.project.use;
  const own = portfolio('REC01');
  const { client, invoices } = clientForTheDay('REC01');
  const [oldest, second] = invoices;
  const [toDischarge, toReturn] = [invoices.at(-2), invoices.at(-1)];
  const cash = oldest.open;
  const cheque = 500_000n;
  const onInvoice = second.open / 2n;
  const onAccount = cheque - onInvoice;

  const office = await scene.office();
  await office.establish([MANAGER, MARIAMA, IBRAHIM, ACCOUNTANT]);
  await office.start();
  const desk = await scene.desk(office.url, { viewport });
  const manager = new OfficeApp(desk);

  await test.step('the manager imports the ledger through the page', async () => {
    await desk.goto('/');
    await shoot(desk, size, '01-sign-in');
    await manager.signIn(MANAGER);
    await manager.upload({ clients: CLIENTS_CSV, invoices: INVOICES_CSV, date: TRUTH.first.statement_date });
    await shoot(desk, size, '02-import-preview');
    expect(await manager.badRows()).toEqual(BAD_ROWS);
    await manager.commitImport();
    await shoot(desk, size, '03-import-done');
    await manager.openBalance(TRUTH.first.statement_date);
    await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.first.open_total));
    await shoot(desk, size, '04-aged-balance');
    await manager.openActivity();
  });

  const network = await scene.network(office);
  const device = await scene.device(viewport);
  let page = await device.newPage(network.url);
  let app = new FieldApp(page);

  await test.step('a collector signs in and takes the portfolio along', async () => {
    await app.signIn(MARIAMA);
    await app.readyOffline();
    await app.upToDate();
    await shoot(page, size, '05-round');
    await app.go('clients');
    await expect(page.getByTestId('clients-count').or(page.getByText(`${own.length} clients`)).first()).toBeVisible();
    await shoot(page, size, '06-portfolio');
  });

  await test.step('server stopped, network cut, page closed, browser restarted', async () => {
    scene.watch.expectNetworkFailures();
    await office.stop();
    await network.cut();
    await device.setOffline(true);
    await page.close();
    page = await device.newPage(network.url);
    app = new FieldApp(page);
    await app.comeBack(MARIAMA);
    await device.quit();
    await device.open();
    page = await device.newPage(network.url);
    app = new FieldApp(page);
    await app.comeBack(MARIAMA);
    await app.openClient(client);
    await shoot(page, size, '07-dossier-offline');
    expect(await app.balance()).toBe(BigInt(TRUTH.first.open_by_client[client]));
  });

  const receipts = [];
  const photo = await writePhoto(join(await scene.folder(), 'bon.png'));
  const back = await writePhoto(join(await scene.folder(), 'verso.png'), 90);
  await test.step('a visit, cash for the oldest invoice', async () => {
    await app.startVisit();
    await page.getByTestId('visit-person-name').fill('Salamatou Garba');
    await page.getByTestId('visit-person-function').fill('Comptable');
    await shoot(page, size, '08-visit');
    await page.getByTestId('back').click();
    await app.fillPayment({ amount: cash, payer: { name: 'Salamatou Garba', function: 'Comptable' } });
    await shoot(page, size, '09-payment-check');
    receipts.push(await app.confirmPayment());
    await shoot(page, size, '10-receipt');
    await app.signReceipt({ both: true });
    await expect(page.getByTestId('receipt-signature').locator('path')).toHaveCount(2);
    await shoot(page, size, '10-receipt-signed');
    await page.getByTestId('receipt-to-client').click();
    await expect.poll(() => app.balance()).toBe(BigInt(TRUTH.first.open_by_client[client]) - cash);
  });

  await test.step('a cheque, partly on an invoice, the rest on account; the battery is pulled', async () => {
    await app.fillPayment({
      method: 'cheque',
      amount: cheque,
      cheque: { bank: 'Sonibank', number: '0048213', drawer: 'Société du jour' },
      allocations: { [second.number]: onInvoice },
      photos: [photo, back],
    });
    await shoot(page, size, '11-cheque-check');
    receipts.push(await app.confirmPayment());
    await device.kill();

    await device.open();
    page = await device.newPage(network.url);
    app = new FieldApp(page);
    await app.comeBack(MARIAMA);
    await app.openClient(client);
    expect(await app.balance()).toBe(BigInt(TRUTH.first.open_by_client[client]) - cash - cheque);
    const counters = receipts.map((number) => Number(number.split('-').at(-1)));
    expect(counters).toEqual([1, 2]);
    expect(receipts[0]).toMatch(/^NIA-D\d+-E1-000001$/);
  });

  await test.step('the slip comes back signed, the invoice is discharged with photo and signature', async () => {
    await app.openPaper(toReturn.number, 'slip');
    await app.fillSigner({ name: 'Moussa Magasin', function: 'Magasinier' });
    await app.addPhoto(photo);
    await shoot(page, size, '12-slip');
    await app.savePaper();
    await app.toDossier(client);
    await app.openPaper(toDischarge.number, 'discharge');
    await app.fillSigner({ name: 'Salamatou Garba', function: 'Comptable' });
    await app.addPhoto(photo);
    await app.drawSignature();
    await shoot(page, size, '13-discharge');
    await app.savePaper();
    await app.toDossier(client);
  });

  await test.step('the visit ends with its report', async () => {
    await app.resumeVisit();
    await expect(page.getByTestId('visit-person-name')).toHaveValue('Salamatou Garba'); // the draft outlived the kill
    await page.getByTestId('visit-outcome-partly_paid').check();
    await app.comment(second.number, 'Le solde sera réglé le 30.');
    const report = await page.getByTestId('visit-report').inputValue();
    for (const part of [...receipts, toReturn.slip.replace('BL', 'BL '), toDischarge.number, 'Salamatou Garba']) expect(report).toContain(part);
    await shoot(page, size, '14-visit-end');
    await app.endVisit();
    await app.openSync();
    await expect(page.getByTestId('sync-waiting')).toHaveText('6');
    await shoot(page, size, '15-sync-waiting');
  });

  await test.step('the server is back: everything arrives, once, and the open page at the office shows it', async () => {
    await office.start();
    await network.heal();
    await device.setOffline(false); // no tap: the app notices by itself
    await app.upToDate();
    await shoot(page, size, '16-sync-done');
    await expect(manager.entries('payment')).toHaveCount(2, { timeout: 90_000 }); // no reload; it asks every half minute at the latest
    for (const [kind, count] of [['visit', 1], ['discharge', 1], ['slip_return', 1], ['receipt_signed', 1]]) {
      await expect(manager.entries(kind)).toHaveCount(count);
    }
    await shoot(desk, size, '17-activity');
    const api = await Api.signIn(office.url, MANAGER);
    const arrived = (await api.activity()).filter(({ event }) => event.what.kind !== 'statement');
    expect(arrived).toHaveLength(6);
    expect(new Set(arrived.map(({ event }) => event.id)).size).toBe(6);
    expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
  });

  await test.step('photo and signature are seen at the office', async () => {
    await manager.openAttachment('discharge', 'Photo');
    const image = desk.getByTestId('attachment-photo');
    await expect.poll(() => image.evaluate((img) => img.complete && Math.max(img.naturalWidth, img.naturalHeight))).toBe(1600);
    await shoot(desk, size, '18-photo');
    await manager.closeSheet();
    await manager.openAttachment('discharge', 'Signature');
    await expect(desk.getByTestId('attachment-signature').locator('path')).toHaveAttribute('d', /M\d/);
    await manager.closeSheet();
    await expect(manager.entries('payment').filter({ hasText: receipts[1] }).getByTestId('attachment')).toHaveCount(2); // the cheque, front and back
    await expect(manager.entries('receipt_signed').getByTestId('attachment')).toHaveCount(2); // the payer, the collector
  });

  await test.step('the office’s totals are the truth minus the payments', async () => {
    await manager.openBalance();
    await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.first.open_total) - cash - cheque);
    await expect.poll(() => manager.agedTotalOf(client)).toBe(BigInt(TRUTH.first.open_by_client[client]) - cash - cheque);
    await shoot(desk, size, '19-balance-after');
  });

  await test.step('the accountant exports the payments, once', async () => {
    const books = new OfficeApp(await scene.desk(office.url, { viewport }));
    await books.page.goto('/');
    await books.signIn(ACCOUNTANT);
    const rows = parseCsv(await books.exportPayments());
    await shoot(books.page, size, '20-exports');
    expect(new Set(rows.map((row) => Object.values(row).find((cell) => receipts.includes(cell))))).toEqual(new Set(receipts));
    await books.exportNothing();
  });

  await test.step('another collector never receives these clients', async () => {
    const other = await scene.device(viewport);
    const otherPage = await other.newPage();
    const pulled = [];
    otherPage.on('response', (response) => {
      if (response.url().endsWith('/api/v1/pull')) pulled.push(response.text());
    });
    await otherPage.goto(network.url);
    const otherApp = new FieldApp(otherPage);
    await otherApp.signIn(IBRAHIM);
    await otherApp.upToDate();
    const theirs = portfolio('REC02');
    const received = (await Promise.all(pulled)).join('\n');
    const stored = await storedText(otherPage);
    expect(theirs.filter((code) => !stored.includes(code))).toEqual([]); // the search below can find something
    for (const [where, text] of [['pull', received], ['IndexedDB', stored]]) {
      expect(own.filter((code) => text.includes(code)), where).toEqual([]);
    }
    const bare = await FieldDevice.enrol(office.url, IBRAHIM, 'ES256');
    expect((await bare.pullAll()).map(({ id }) => id).sort()).toEqual([...theirs].sort());
  });
});
