// What was set aside does not count before two people have decided on it (SYNC 14, 16).
import { join } from 'node:path';
import { FieldDevice } from './support/field-device.mjs';
import { COLLECTORS, MANAGER } from './support/field-office.mjs';
import { text } from './support/language.mjs';
import { CLIENTS_CSV, INVOICES_CSV, TRUTH, clientForTheDay } from './support/ledger.mjs';
import { atTheDesk, decide, openPlace } from './support/looked-after.mjs';
import { PASSWORD } from './support/office.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { PHONE, TABLET } from './support/viewports.mjs';

const ACCOUNTANT = { login: 'compta', name: 'Zeinabou Comptable', role: 'accountant', password: PASSWORD };
const AUDITOR = { login: 'audit', name: 'Audit Externe', role: 'auditor', password: PASSWORD };
const words = (key) => text('fr', key);

test('one person asks, another confirms: a payment is released, another record dismissed', async ({ scene }, testInfo) => {
  const picture = (page, name) => shoot(page, testInfo.project.name, name);
  const office = await scene.office();
  await office.establish([MANAGER, ACCOUNTANT, AUDITOR, COLLECTORS[0]]);
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_CSV, '--statement-date', TRUTH.first.statement_date);
  await office.start();
  const { client, invoices } = clientForTheDay('REC01');
  const device = await FieldDevice.enrol(office.url, COLLECTORS[0]);
  device.record('hologram', { client });
  await device.push();
  // Taken out of use, it brings a payment.
  await office.command('device', 'revoke', device.device.label);
  device.recordCash({ client, invoice: invoices[0].number, amount: '45000', date: '2026-11-20' });
  await device.pushAside();

  const manager = await atTheDesk(scene, office, MANAGER, PHONE);
  await openPlace(manager, 'attention');
  const entry = (app, holds) => app.page.getByTestId('set-aside').filter({ hasText: holds });
  const payment = (app) => entry(app, /45\s000/);
  await expect(payment(manager)).toContainText(words('quarantine_revoked'));
  await expect(entry(manager, 'hologram')).toContainText(words('never_unreadable'));
  await picture(manager.page, '85-set-aside-phone');
  await payment(manager).getByTestId('release').click();
  await picture(manager.page, '86-release');
  await decide(manager, 'Reçu papier vu');
  await expect(payment(manager)).toContainText(words('decide_other_person'));
  await expect(payment(manager).getByTestId('release')).toHaveCount(0); // not twice by the same person
  await expect(entry(manager, 'hologram').getByTestId('release')).toHaveCount(0);
  await entry(manager, 'hologram').getByTestId('dismiss').click();
  await decide(manager, 'Essai');
  await manager.openBalance();
  await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.first.open_total)); // one word is not enough

  const auditor = await atTheDesk(scene, office, AUDITOR, TABLET);
  await openPlace(auditor, 'attention');
  await expect(payment(auditor)).toBeVisible();
  await expect(auditor.page.getByTestId('release')).toHaveCount(0); // looks, and changes nothing

  const accountant = await atTheDesk(scene, office, ACCOUNTANT, TABLET);
  await openPlace(accountant, 'attention');
  await expect(payment(accountant)).toContainText('Reçu papier vu');
  await picture(accountant.page, '87-set-aside-tablet');
  await payment(accountant).getByTestId('release').click();
  await decide(accountant, 'D’accord');
  await expect(payment(accountant)).toContainText(words('quarantine_released'));
  await entry(accountant, 'hologram').getByTestId('dismiss').click();
  await decide(accountant, 'Rien à garder');
  await expect(entry(accountant, 'hologram')).toContainText(words('quarantine_dismissed'));
  await expect(accountant.page.getByTestId('nav-attention').getByTestId('urgent')).toHaveCount(0);
  await picture(accountant.page, '88-decided-tablet');
  await accountant.openBalance();
  await expect.poll(() => accountant.agedTotal()).toBe(BigInt(TRUTH.first.open_total) - 45_000n);
  await office.command('check');
  const journal = join(await scene.folder(), 'journal.jsonl');
  await office.command('export', 'journal', '--out', journal);
  await office.verify(journal);
});
