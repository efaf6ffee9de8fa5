// The office's reports, held against sums made here from the ledger's own files.
import { readFile } from 'node:fs/promises';
import { digits } from './support/app.mjs';
import { parseCsv } from './support/csv.mjs';
import { FieldDevice } from './support/field-device.mjs';
import { COLLECTORS, MANAGER, fieldOffice } from './support/field-office.mjs';
import { text } from './support/language.mjs';
import { TRUTH, statement } from './support/ledger.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { DESK, PHONE } from './support/viewports.mjs';
import { readWorkbook } from './support/workbook.mjs';

const word = (key) => text('fr', key);
const AGES = ['age_0', 'age_1', 'age_2', 'age_3', 'age_4'].map(word);
/** The last day overdue of each age but the last. */
const BOUNDS = [0, 30, 60, 90];
const CLOSING = TRUTH.first.statement_date;

const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
const sum = (amounts) => amounts.reduce((all, amount) => all + amount, 0n);
const age = (due, asOf) => BOUNDS.filter((last) => days(due, asOf) > last).length;

/** `{key: {ages, credits, total}}` of what is open at the end of a day, from the files. */
function aged(items, asOf, key) {
  const groups = new Map();
  for (const item of items) {
    if (item.issued > asOf || item.open === 0n) continue;
    if (!groups.has(item[key])) groups.set(item[key], { ages: BOUNDS.concat(0).map(() => 0n), credits: 0n, total: 0n });
    const group = groups.get(item[key]);
    if (item.open < 0n) group.credits += item.open;
    else group.ages[age(item.due, asOf)] += item.open;
    group.total += item.open;
  }
  return Object.fromEntries(groups);
}

/** The same of the file the page gives. */
function agedOfFile(csv, key) {
  const groups = {};
  for (const row of parseCsv(csv)) {
    if (row[key] === '' || row[key] === word('total')) continue;
    const figures = { ages: AGES.map((name) => BigInt(row[name])), credits: BigInt(row[word('kpi_credits')]), total: BigInt(row[word('total')]) };
    groups[row[key]] = figures;
  }
  return groups;
}

/** The file behind a button. */
async function file(page, id) {
  const download = page.waitForEvent('download');
  await page.getByTestId(id).click();
  return readFile(await (await download).path());
}

/** Days of sales in what is owed, taken off month by month from the latest (DOMAIN §2.2). */
function countBack(items, asOf) {
  let left = Number(sum(items.filter(({ issued }) => issued <= asOf).map(({ open }) => open)));
  let counted = 0;
  for (let month = asOf.slice(0, 7); left > 0; month = new Date(Date.parse(`${month}-01`) - 86_400_000).toISOString().slice(0, 7)) {
    const of = items.filter(({ issued }) => issued.startsWith(month) && issued <= asOf);
    if (of.length === 0) throw new Error(`no sales in ${month}`);
    const sales = Number(sum(of.map(({ gross }) => gross)));
    const length = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
    counted += sales > left ? (left / sales) * length : length;
    left -= sales;
  }
  return counted;
}

test('the reports say what the files say', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const page = await scene.desk(office.url);
  const manager = new OfficeApp(page);
  await page.goto('/');
  await manager.signIn(MANAGER);
  await manager.upToDate();
  const items = statement();

  await test.step('the aged balance by client, of the closing and of a day long past', async () => {
    for (const asOf of [CLOSING, '2026-06-30']) {
      await manager.openBalance(asOf);
      const expected = aged(items, asOf, 'client');
      await expect.poll(() => manager.agedTotal()).toBe(sum(Object.values(expected).map(({ total }) => total)));
      expect(agedOfFile(String(await file(page, 'export-csv')), word('client_code'))).toEqual(expected);
    }
    await expect(page.getByTestId('report-later')).toBeVisible();
  });

  await test.step('by activity and by collector, and as a workbook', async () => {
    await manager.openBalance(CLOSING);
    for (const [group, heading, key] of [['activity', word('field_activity'), 'activity'], ['collector', word('collector_word'), 'collector']]) {
      await page.getByTestId(`balance-group-${group}`).click();
      const expected = aged(items.map((item) => ({ ...item, collector: item.collector || word('not_assigned') })), CLOSING, key);
      await expect(page.getByTestId('report-row')).toHaveCount(Object.keys(expected).length);
      expect(agedOfFile(String(await file(page, 'export-csv')), heading)).toEqual(expected);
    }
    const rows = readWorkbook(await file(page, 'export-xlsx'));
    expect(rows.at(-1).at(-1)).toBe(Number(TRUTH.first.open_total));
    await shoot(page, testInfo.project.name, '40-balance-by-collector');
  });

  await test.step('credits against the oldest debts move between ages and change no total', async () => {
    await page.getByTestId('balance-date-open').click();
    await page.getByTestId('balance-credits-oldest').locator('..').click();
    await page.getByTestId('balance-date-ok').click();
    const csv = agedOfFile(String(await file(page, 'export-csv')), word('collector_word'));
    const before = aged(items.map((item) => ({ ...item, collector: item.collector || word('not_assigned') })), CLOSING, 'collector');
    expect(Object.keys(csv).sort()).toEqual(Object.keys(before).sort());
    for (const [name, { ages, total }] of Object.entries(csv)) {
      expect(total).toBe(before[name].total);
      expect(sum(ages)).toBeLessThan(sum(before[name].ages));
    }
  });

  await test.step('from a collector to a client to the invoices', async () => {
    await page.getByTestId('report-row').filter({ hasText: 'REC01' }).getByRole('button').click();
    const sheet = page.getByTestId('balance-detail');
    const total = page.getByTestId('balance-detail-total');
    const mine = items.filter(({ collector }) => collector === 'REC01');
    await expect.poll(async () => digits(await total.textContent())).toBe(sum(mine.filter(({ issued }) => issued <= CLOSING).map(({ open }) => open)));
    const largest = Object.entries(aged(mine, CLOSING, 'client')).sort(([, a], [, b]) => (a.total < b.total ? 1 : -1))[0];
    await sheet.getByRole('button').first().click();
    await expect.poll(async () => digits(await total.textContent())).toBe(largest[1].total);
    const open = mine.filter(({ client, issued, open }) => client === largest[0] && issued <= CLOSING && open !== 0n);
    for (const { number } of open.slice(0, 5)) await expect(sheet).toContainText(number);
    await manager.closeSheet();
  });

  await test.step('DSO by count-back', async () => {
    await manager.go('reports');
    await manager.asOf(CLOSING);
    const row = (date) => page.getByTestId('report-row').filter({ hasText: date });
    await expect(row('31/10/2026')).toBeVisible();
    const shown = async (date) => Number((await row(date).locator('td').first().textContent()).replace(',', '.'));
    expect(await shown('31/10/2026')).toBeCloseTo(countBack(items, CLOSING), 1);
    await shoot(page, testInfo.project.name, '41-dso');
    await page.getByTestId('dso-activity').selectOption({ label: 'Atelier' });
    const workshop = items.filter(({ activity }) => activity === 'Atelier');
    await expect.poll(() => shown('31/10/2026')).toBeCloseTo(countBack(workshop, CLOSING), 1);
  });

  await test.step('what came stands beside what was forecast', async () => {
    const [payment] = TRUTH.field_payments;
    const collector = COLLECTORS.find(({ portfolios }) => items.some(({ client, collector }) => client === payment.client && portfolios.includes(collector)));
    const device = await FieldDevice.enrol(office.url, collector);
    device.recordCash(payment);
    expect((await device.push()).map(({ status }) => status)).toEqual(['accepted']);
    await page.getByTestId('report-forecast').click();
    const csv = async () => parseCsv(String(await file(page, 'export-csv')));
    await expect(page.getByTestId('report-row').filter({ hasText: '30/11/2026' })).toContainText(payment.amount.replace(/\B(?=(\d{3})+$)/g, '\u202f'));
    const rows = await csv();
    const came = rows.map((row) => row[word('forecast_came')]).filter((amount) => amount !== '' && amount !== '0');
    expect(came).toEqual([payment.amount]);
    await shoot(page, testInfo.project.name, '42-forecast');
  });

  await test.step('provisions follow the rates', async () => {
    await page.getByTestId('report-provisions').click();
    const total = async () => digits(await page.locator('tfoot td').first().textContent());
    for (const n of [0, 1, 2, 3]) await page.getByTestId(`rate-${n}`).fill('0');
    await page.getByTestId('rate-4').fill('100');
    // All that is older than 90 days, without VAT, credits taken off the oldest debts first.
    let expected = 0;
    for (const client of new Set(items.map((item) => item.client))) {
      const open = items.filter((item) => item.client === client && item.issued <= CLOSING);
      let credit = -sum(open.filter((item) => item.open < 0n).map((item) => item.open));
      for (const item of open.filter((item) => item.open > 0n).sort((a, b) => (a.due < b.due ? -1 : 1))) {
        const taken = credit < item.open ? credit : item.open;
        credit -= taken;
        if (days(item.due, CLOSING) > 90) expected += (Number(item.open - taken) * Number(item.net)) / Number(item.gross);
      }
    }
    // Each invoice is rounded to the franc.
    await expect.poll(async () => Math.abs(Number(await total()) - expected)).toBeLessThan(items.length / 2);
    await page.getByTestId('rate-4').fill('cent');
    await expect(page.getByText(word('provision_rate_error'))).toBeVisible();
    await page.getByTestId('rate-4').fill('10,6');
    await expect.poll(async () => Math.abs(Number(await total()) - expected * 0.106)).toBeLessThan(items.length / 2);
    await shoot(page, testInfo.project.name, '43-provisions');
  });

  await test.step('a client judged by itself leaves the matrix, and the books are brought to the target', async () => {
    const lines = async () => parseCsv(String(await file(page, 'export-csv'))).filter((row) => row[word('client_code')] !== '');
    const figure = (row, key) => BigInt(row[word(key)]);
    const [first] = (await lines()).sort((a, b) => (figure(a, 'provision_target') < figure(b, 'provision_target') ? 1 : -1));
    const code = first[word('client_code')];
    const mine = async () => (await lines()).find((row) => row[word('client_code')] === code);
    await page.locator(`[data-testid=report-row][data-code="${code}"]`).getByRole('button').click();
    await page.getByTestId('claim-measure-amount').click();
    await page.getByTestId('claim-value').fill('1000');
    await page.getByTestId('claim-save').click();
    await expect(page.getByTestId('judging').getByText(word('claim_why_missing'))).toBeVisible();
    await page.getByTestId('claim-why').fill('Redressement judiciaire');
    await page.getByTestId('booked').fill('400');
    await page.getByTestId('claim-save').click();
    await expect(page.getByTestId('claim')).toContainText('Redressement judiciaire');
    await expect.poll(async () => figure(await mine(), 'provision_individual')).toBe(1000n);
    const judged = await mine();
    expect(figure(judged, 'provision_matrix')).toBe(0n);
    expect([figure(judged, 'provision_booked'), figure(judged, 'provision_charge'), figure(judged, 'provision_reversal')]).toEqual([400n, 600n, 0n]);
    // It stays on this device.
    await page.reload();
    await manager.asOf(CLOSING);
    await page.getByTestId('report-provisions').click();
    await expect(page.getByTestId('claim')).toHaveCount(1);
    await page.getByTestId('booked-take').click();
    await expect.poll(async () => figure(await mine(), 'provision_booked')).toBe(1000n);
    await page.getByTestId('claim-remove').click();
    await expect.poll(async () => figure(await mine(), 'provision_target')).toBe(figure(first, 'provision_target'));
    expect(figure(await mine(), 'provision_charge')).toBe(figure(first, 'provision_target') - 1000n);
    await page.getByTestId('booked-forget').click();
  });

  await test.step('on a phone, offline', async () => {
    await page.setViewportSize(PHONE);
    await manager.readyOffline();
    await page.context().setOffline(true);
    await manager.go('more');
    await page.getByTestId('more-reports').click();
    await expect(page.getByTestId('report-row').first()).toBeVisible();
    await shoot(page, 'phone', '44-dso');
    await page.context().setOffline(false);
    await page.setViewportSize(DESK);
  });
});
