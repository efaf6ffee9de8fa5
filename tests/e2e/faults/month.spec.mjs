// SYNC §2: a device that was away for a month has everything it recorded, and gets everything it missed.
import { expectBooks } from '../support/books.mjs';
import { DAY_MS, moveClock } from '../support/clock.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { CLIENTS_CSV, INVOICES_2_CSV, TRUTH, openInvoices, portfolio } from '../support/ledger.mjs';
import { PASSWORD } from '../support/office.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';

test('a month offline: the payment arrives unflagged, and the portfolio is the office’s again', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const [collector] = COLLECTORS;
  const changed = portfolio('REC01').filter((code) => TRUTH.first.open_by_client[code] !== TRUTH.second.open_by_client[code]);
  const same = portfolio('REC01').find((code) => !changed.includes(code) && openInvoices(code).length > 0);
  const field = await Field.begin(scene, office, collector);
  await field.goOffline();
  // The device's clock shows a month ago, as it did when the collector left; the office's is today's.
  await moveClock(field.device.context, -31 * DAY_MS);
  const amount = 10_000n;
  const paid = { [await field.takeCash(same, amount)]: amount };

  await moveClock(field.device.context, 0);
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_2_CSV, '--statement-date', TRUTH.second.statement_date);
  await field.app.openClient(changed[0]);
  expect(await field.app.balance()).toBe(BigInt(TRUTH.first.open_by_client[changed[0]] ?? 0));
  await field.app.openSync();
  await shoot(field.page, testInfo.project.name, '50-a-month-offline');
  await field.device.context.clearCookies(); // no session lasts so long

  await field.goOnline();
  await field.syncAll(); // facts leave by the device's signature
  const expired = field.page.getByTestId('sync-expired');
  await expired.getByTestId('sign-in-password').fill(PASSWORD);
  await expired.getByTestId('sign-in-submit').click();
  await expect(expired).toHaveCount(0);
  await field.app.upToDate();
  const owed = (code) => BigInt(TRUTH.second.open_by_client[code] ?? 0) - (code === same ? amount : 0n);
  for (const code of [changed[0], changed.at(-1), same]) {
    await field.app.openClient(code);
    await expect.poll(() => field.app.balance()).toBe(owed(code));
  }
  const arrived = await expectBooks(scene, office, paid, { openTotal: BigInt(TRUTH.second.open_total) });
  expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
});
