// The wrong file went in: the latest import is taken back, and every balance is what it was, to the unit (SYNC 35).
import { FieldDevice } from './support/field-device.mjs';
import { COLLECTORS, MANAGER, fieldOffice } from './support/field-office.mjs';
import { text } from './support/language.mjs';
import { INVOICES_2_CSV, TRUTH, newInSecond, openInvoices, portfolio } from './support/ledger.mjs';
import { atTheDesk, decide } from './support/looked-after.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { PHONE, TABLET } from './support/viewports.mjs';

for (const [size, viewport] of [['phone', PHONE], ['tablet', TABLET]]) {
  test(`the latest import is undone, on a ${size}`, async ({ scene }, testInfo) => {
    const office = await fieldOffice(scene);
    const importSecond = () => office.command('import', '--invoices', INVOICES_2_CSV, '--statement-date', TRUTH.second.statement_date);
    await importSecond();
    // One payment on an invoice of the first statement, one on an invoice that only the second one brought.
    const mine = portfolio('REC01');
    const known = mine.map((client) => openInvoices(client)[0] && { client, invoice: openInvoices(client)[0].number }).find(Boolean);
    const fresh = newInSecond().find(({ client }) => mine.includes(client));
    const device = await FieldDevice.enrol(office.url, COLLECTORS[0]);
    device.recordCash({ ...known, amount: '1500', date: '2026-11-20' });
    device.recordCash({ ...fresh, amount: '2500', date: '2026-11-20' });
    await device.push();

    const manager = await atTheDesk(scene, office, MANAGER, viewport);
    await manager.openBalance();
    await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.second.open_total) - 4000n);
    await manager.go('data');
    const latest = manager.id('import-entry').first();
    await expect(manager.id('import-undo')).toHaveCount(1); // the latest alone
    await latest.getByTestId('import-undo').click();
    await manager.id('decide-confirm').click();
    await expect(manager.id('decide-failed')).toHaveText(text('fr', 'decide_reason_missing'));
    await shoot(manager.page, testInfo.project.name, `80-undo-${size}`);
    await decide(manager, 'Mauvais fichier');
    await expect(manager.id('import-undone')).toContainText('-000002'); // the payment that lost its invoice
    await expect(latest).toContainText('Mauvais fichier');
    await manager.page.getByRole('heading', { name: text('fr', 'imports_history') }).scrollIntoViewIfNeeded();
    await shoot(manager.page, testInfo.project.name, `81-undone-${size}`);
    await manager.openBalance();
    await expect.poll(() => manager.agedTotal(), { timeout: 60_000 }).toBe(BigInt(TRUTH.first.open_total) - 4000n);
    await office.command('check');

    await importSecond(); // the same file goes in again
    await expect.poll(() => manager.agedTotal(), { timeout: 90_000 }).toBe(BigInt(TRUTH.second.open_total) - 4000n);
    await office.command('check');
  });
}
