// What was recorded or known wrongly is put right by a further fact, and the day is closed (SYNC 6, 31, 32).
import { FieldApp } from './support/app.mjs';
import { text } from './support/language.mjs';
import { CLIENTS_CSV, INVOICES_CSV, TRUTH } from './support/ledger.mjs';
import { PASSWORD } from './support/office.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { PHONE, TABLET } from './support/viewports.mjs';

const MARIAMA = { login: 'mariama', name: 'Mariama Issoufou', role: 'collector', portfolios: ['REC01'], password: PASSWORD };
const FATI = { login: 'fati', name: 'Fati Abdou', role: 'manager', password: PASSWORD };

test('a payment is taken back, the day closed, and the client file corrected', async ({ scene }, testInfo) => {
  const office = await scene.office();
  await office.establish([MARIAMA, FATI]);
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_CSV, '--statement-date', TRUTH.first.statement_date);
  await office.start();
  const page = await scene.desk(office.url, { viewport: PHONE });
  await page.goto('/');
  const field = new FieldApp(page);
  await field.signIn(MARIAMA);
  await field.readyOffline();
  const code = await anyClient(field);
  await field.openClient(code);
  const owed = await field.balance();
  scene.watch.expectNetworkFailures();
  await page.context().setOffline(true);

  // Two payments; the second one is a mistake.
  await field.fillPayment({ amount: 40_000 });
  const kept = await field.confirmPayment();
  await field.id('receipt-to-client').click();
  await field.fillPayment({ amount: 25_000 });
  const wrong = await field.confirmPayment();
  await field.id('reverse-begin').click();
  await field.id('reverse-save').click();
  await expect(page.locator('.page-body')).toContainText(text('fr', 'reverse_reason_missing'));
  await field.id('reverse-reason').fill('Mauvais client');
  await shoot(page, testInfo.project.name, '60-reverse');
  await field.id('reverse-save').click();
  await expect(field.id('receipt-reversed')).toContainText('-000003');
  await expect(field.id('receipt-mark')).toHaveText(text('fr', 'receipt_void'));
  await expect(field.id('reverse-begin')).toHaveCount(0);
  await shoot(page, testInfo.project.name, '61-reversed');
  await field.id('receipt-to-client').click();
  await expect.poll(() => field.balance()).toBe(owed - 40_000n);

  // The till counts what stands; the day closes once.
  await field.go('cash');
  await expect(field.id('cash-collected')).toHaveAttribute('data-amount', '40000');
  await expect(page.getByTestId('receipt-line').filter({ hasText: wrong })).toContainText(text('fr', 'chip_reversed'));
  await expect(page.getByTestId('receipt-line').filter({ hasText: kept })).not.toContainText(text('fr', 'chip_reversed'));
  await field.id('close-day').click();
  await expect(field.id('closed-day')).toContainText(text('fr', 'closing_perpetual'));
  await expect(field.id('close-day')).toHaveCount(0);
  await shoot(page, testInfo.project.name, '62-closed');

  // Printed twice: the second one says so.
  await page.evaluate(() => { window.printed = 0; window.print = () => { window.printed += 1; }; });
  await page.getByTestId('receipt-line').filter({ hasText: kept }).click();
  for (const times of [1, 2]) {
    await field.id('receipt-print').click();
    await expect.poll(() => page.evaluate(() => window.printed)).toBe(times);
    await expect(field.id('receipt-mark')).toHaveCount(times - 1);
  }
  await expect(field.id('receipt-mark')).toHaveText(text('fr', 'receipt_duplicate'));

  // The telephone is wrong: the file does not change before the office says so.
  await field.openClient(code);
  await page.getByText(text('fr', 'tab_infos'), { exact: true }).click();
  await field.id('edit-begin').click();
  await page.getByLabel(text('fr', 'phone'), { exact: true }).fill('+227 90 12 34 56');
  await shoot(page, testInfo.project.name, '63-edit');
  await field.id('edit-save').click();
  await expect(field.id('proposed-change')).toContainText('+227 90 12 34 56');
  await expect(page.getByRole('button', { name: text('fr', 'edit_save') })).toHaveCount(0);
  await shoot(page, testInfo.project.name, '64-proposed');
  await page.context().setOffline(false);
  await field.openSync();
  await field.nothingWaits();

  const desk = await scene.desk(office.url, { viewport: TABLET });
  await desk.goto('/');
  const manager = new OfficeApp(desk);
  await manager.signIn(FATI);
  await manager.go('data');
  await manager.id('data-edits').click();
  await expect(manager.id('proposed-change')).toContainText('+227 90 12 34 56');
  await shoot(desk, testInfo.project.name, '65-edits');
  await manager.id('edit-accept').click();
  await expect(manager.id('proposed-change')).toHaveCount(0);

  // The clock of the tablet was wrong: the office says on which day the money was taken.
  await manager.openClient(code);
  await desk.getByText(text('fr', 'tab_history'), { exact: true }).click();
  await desk.getByRole('link', { name: new RegExp(kept) }).first().click();
  await manager.id('redate-begin').click();
  await manager.id('redate-save').click();
  await expect(desk.locator('.page-body')).toContainText(text('fr', 'redate_wrong'));
  await manager.id('redate-date').fill('2026-01-15');
  await manager.id('redate-reason').fill('Horloge déréglée');
  await shoot(desk, testInfo.project.name, '66-redate');
  await manager.id('redate-save').click();
  await expect(manager.id('redate-begin')).toBeVisible();
  await manager.openClient(code);
  await desk.getByText(text('fr', 'tab_history'), { exact: true }).click();
  await expect(desk.locator('.timeline')).toContainText('Horloge déréglée');
  await manager.openSync();
  await manager.nothingWaits();

  await field.openClient(code);
  await page.getByText(text('fr', 'tab_infos'), { exact: true }).click();
  await expect(page.locator('dl.facts')).toContainText('+227 90 12 34 56', { timeout: 60_000 });
  expect(await field.balance()).toBe(owed - 40_000n);
  await office.command('check');
});

/** A client of the portfolio that owes more than what is paid here. */
async function anyClient(field) {
  await field.go('clients');
  return field.page.getByTestId('client-row').first().getAttribute('data-code');
}
