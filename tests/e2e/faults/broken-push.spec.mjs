// SYNC §2, fault 9: a push or its answer breaks off; all of it happened, or nothing.
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';

const AMOUNT = 64_000n;

test('the connection is reset in the middle of a push: the office has nothing of it, then everything', async ({ scene }) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  const paid = {};
  field.network.breakPushAfter_bytes = 1500; // the head of the request has passed, and a part of the first fact
  for (let n = 0; n < 3; n++) paid[await field.takeCash(client, AMOUNT)] = AMOUNT;
  await expect.poll(() => field.network.pushesBroken).toBeGreaterThan(1);
  await field.app.openSync();
  await expect(field.page.getByTestId('sync-waiting')).toHaveText('3');
  await expectBooks(scene, office, {});
  await field.network.heal();
  await field.syncAll();
  await expectBooks(scene, office, paid);
});

test('the answer to a push is cut short: the office has it, the device asks again, once it stays', async ({ scene }) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  field.network.mode = 'truncate';
  field.network.truncateAfter_bytes = 150; // the request passes, the acknowledgement does not
  const paid = { [await field.takeCash(client, AMOUNT)]: AMOUNT };
  await field.app.openSync();
  await field.page.getByTestId('sync-now').click();
  await expect(field.page.getByTestId('sync-error')).toBeVisible();
  await expectBooks(scene, office, paid);
  await expect(field.page.getByTestId('sync-waiting')).toHaveText('1'); // the device cannot know
  await field.network.heal();
  await field.syncAll();
  await expectBooks(scene, office, paid);
});
