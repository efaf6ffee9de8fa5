// SYNC §2, fault 24: somebody edits the app's database while a payment waits in it. The next start finds it; the edited
// payment reaches the office as evidence and counts for nothing, and the device goes on in a new epoch.
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { text } from '../support/language.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { editFact } from '../support/storage.mjs';

const [collector] = COLLECTORS;

test('an amount edited on the device is found at the next start, and counts for nothing', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, collector);
  const { page, app } = field;
  const sent = await field.takeCash(client, 50_000n);
  await app.upToDate();
  await field.goOffline();
  const edited = await field.takeCash(client, 70_000n);
  await editFact(page, edited, '"amount":"70000"', '"amount":"7000"');
  await page.reload();
  await app.comeBack(collector);

  // Nothing is recorded on what somebody changed; what was typed is kept.
  await app.openClient(client);
  await app.fillPayment({ amount: 30_000n });
  await page.getByTestId('pay-confirm').click();
  await expect(page.getByText(text('fr', 'record_damaged'))).toBeVisible();
  await app.openSync();
  await expect(page.getByTestId('sync-error')).toContainText(text('fr', 'sync_damaged'));
  await shoot(page, testInfo.project.name, '60-records-changed');

  await field.goOnline();
  await page.getByTestId('sync-now').click();
  await app.nothingWaits();
  await page.getByTestId('sign-in-login').fill(collector.login);
  await page.getByTestId('sign-in-password').fill(collector.password);
  await page.getByTestId('sign-in-submit').click();
  await expect(page.getByTestId('sync-error')).toHaveCount(0);
  const again = await field.takeCash(client, 30_000n);
  expect(again).toContain('-E2-');
  await field.syncAll();
  await expectBooks(scene, office, { [sent]: 50_000n, [again]: 30_000n });
});
