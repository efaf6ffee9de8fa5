// SYNC §2, fault 4: what the screen confirmed survives the battery.
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';

/** Kills of one run; each takes about eight seconds. */
const KILLS = process.env.TOURNEE_LONG ? 50 : 5;

test(`the browser is killed right after the receipt shows, ${KILLS} times`, async ({ scene }) => {
  test.setTimeout(120_000 + KILLS * 20_000);
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  await field.goOffline();
  const paid = {};
  for (let kill = 1; kill <= KILLS; kill++) {
    const amount = 1000n + BigInt(kill);
    paid[await field.takeCash(client, amount)] = amount;
    await field.pullTheBattery();
    await field.app.go('cash');
    await expect(field.page.getByTestId('receipt-line')).toHaveCount(kill);
    await field.app.go('');
    await expect(field.page.getByTestId('draft')).toHaveCount(0); // the form does not come back to be confirmed twice
  }
  expect(Object.keys(paid).map((receipt) => Number(receipt.split('-').at(-1)))).toEqual(Array.from({ length: KILLS }, (_, n) => n + 1));
  await field.goOnline();
  await field.syncAll();
  const arrived = await expectBooks(scene, office, paid);
  expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
});
