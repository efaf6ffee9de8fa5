// The office looks after its devices: one that was copied, one that is taken out of use, and what each of them hears (SYNC 14, 37, 39).
import { FieldDevice } from './support/field-device.mjs';
import { COLLECTORS, MANAGER, fieldOffice } from './support/field-office.mjs';
import { Field } from './support/field.mjs';
import { text } from './support/language.mjs';
import { clientForTheDay } from './support/ledger.mjs';
import { atTheDesk, decide, deviceCard, openPlace } from './support/looked-after.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { PHONE, TABLET } from './support/viewports.mjs';

const words = (key) => text('fr', key);

test('a copied device is seen, a lost one is revoked and hears of it, and is released', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const picture = (page, name) => shoot(page, testInfo.project.name, name);

  // Two devices with the same key and the same past: the second fact of the second one forks the chain.
  const copied = await FieldDevice.enrol(office.url, COLLECTORS[1]);
  const other = clientForTheDay('REC02');
  const payment = { client: other.client, invoice: other.invoices[0].number, date: '2026-11-20' };
  const copy = copied.copy();
  copied.recordCash({ ...payment, amount: '1000' });
  await copied.push();
  copy.recordCash({ ...payment, amount: '2000' });
  await copy.pushAside();
  // And one whose second fact came without the first.
  const gap = await FieldDevice.enrol(office.url, COLLECTORS[2]);
  gap.record('visit', {});
  gap.waiting.shift();
  gap.record('hologram', {});
  await gap.pushAside();

  const manager = await atTheDesk(scene, office, MANAGER, PHONE);
  await expect(manager.page.getByTestId('nav-more').getByTestId('urgent')).toHaveText(/^2/); // a device, and what it sent
  await manager.go('more');
  await picture(manager.page, '70-more-badges');
  await openPlace(manager, 'devices');
  const frozen = await deviceCard(manager, copied.device.label);
  await expect(frozen).toContainText(words('device_frozen'));
  await expect(frozen).toContainText(words('frozen_advice'));
  await expect(manager.page.getByTestId('device').first()).toHaveAttribute('data-label', copied.device.label); // problems first
  await expect(await deviceCard(manager, gap.device.label)).toContainText(words('gap_missing_advice'));
  await picture(manager.page, '71-devices-phone');

  // A collector's phone is lost: it is taken out of use, with a reason.
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  const label = (await labelOf(field)).split('-')[0];
  await field.goOffline();
  const receipt = await field.takeCash(client, 64_000n);
  await manager.id('refresh').click();
  let card = await deviceCard(manager, label);
  await card.getByTestId('device-revoke').click();
  await picture(manager.page, '72-revoke');
  await decide(manager, 'Perdu au marché');
  card = await deviceCard(manager, label);
  await expect(card).toContainText(words('device_revoked'));
  await expect(card).toContainText('Perdu au marché');
  await card.scrollIntoViewIfNeeded();
  await picture(manager.page, '73-revoked');

  // What it still sends is set aside; whoever holds it is told.
  await field.goOnline();
  await field.syncAll();
  await expect(field.page.getByTestId('sync-list-flagged')).toContainText(words('state_quarantined'));
  scene.watch.expect(/status of 403/);
  await field.page.getByTestId('sign-in-password').fill(COLLECTORS[0].password);
  await field.page.getByTestId('sign-in-submit').click();
  await expect(field.page.getByTestId('sync-error')).toContainText(words('sync_revoked'));
  await picture(field.page, '74-revoked-collector');
  const tablet = await atTheDesk(scene, office, MANAGER, TABLET);
  await openPlace(tablet, 'devices');
  await picture(tablet.page, '71-devices-tablet');
  await openPlace(tablet, 'attention');
  await expect(tablet.page.getByTestId('set-aside').filter({ hasText: label })).toHaveCount(1);
  expect(receipt).toContain(label);

  // It turns up again.
  await openPlace(tablet, 'devices');
  await (await deviceCard(tablet, label)).getByTestId('device-release').click();
  await decide(tablet);
  await expect(await deviceCard(tablet, label)).toContainText(words('device_well'));
  await field.page.getByTestId('sync-now').click();
  await field.app.upToDate();

  // Without the network the page says so; who may not look sees nothing.
  scene.watch.expectNetworkFailures();
  await tablet.page.context().setOffline(true);
  await tablet.id('refresh').click();
  await expect(tablet.id('office-error')).toContainText(words('office_offline'));
  await picture(tablet.page, '75-devices-offline');
  await expect(field.page.getByTestId('nav-devices')).toHaveCount(0);
});

/** How this device is called in receipts: `D03-E1`. */
async function labelOf({ app, page }) {
  await app.go('more');
  return page.locator('dl.facts dd').nth(1).textContent();
}
