// SYNC §2, fault 16: clocks that go back or run ahead are noted, and change no order.
import { expectBooks } from '../support/books.mjs';
import { DAY_MS, moveClock } from '../support/clock.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';

const THREE_YEARS_MS = 3 * 365 * DAY_MS;

test('a clock one day back, then three years ahead: accepted, flagged, order unchanged', async ({ scene }) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  await field.goOffline();
  const paid = {};
  for (const [moved_ms, amount] of [[0, 10_000n], [-DAY_MS, 20_000n], [THREE_YEARS_MS, 30_000n], [0, 40_000n]]) {
    await moveClock(field.device.context, moved_ms);
    paid[await field.takeCash(client, amount)] = amount;
  }
  await field.goOnline();
  await field.syncAll();
  // A payment counts from the day its device wrote on it, until the accountant gives it another.
  const arrived = await expectBooks(scene, office, paid, { asOf: '2030-12-31' });
  expect(arrived.map(({ receipt, seq }) => [receipt, seq])).toEqual(Object.keys(paid).map((receipt, n) => [receipt, n + 1]));
  // On time; back by a day; from the future; back again, by three years.
  expect(arrived.map(({ flags }) => flags)).toEqual([[], ['clock_suspect'], ['clock_suspect'], ['clock_suspect']]);
});
