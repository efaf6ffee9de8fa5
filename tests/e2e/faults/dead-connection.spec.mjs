// SYNC §2, fault 6: the browser drops the connection to its database. It is opened again once; when that fails too,
// nothing is said to be recorded.
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { closeDatabases } from '../support/storage.mjs';

const AMOUNT = 42_000n;

test('a connection that died is opened again, and the payment goes in once', async ({ scene }) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  await field.goOffline();
  await field.app.openClient(client);
  await field.app.fillPayment({ amount: AMOUNT });
  await closeDatabases(field.device);
  const paid = { [await field.app.confirmPayment()]: AMOUNT };
  await field.goOnline();
  await field.syncAll();
  await expectBooks(scene, office, paid);
});

test('when it cannot be opened again, the screen says so and nothing is recorded; after a reload the form is there', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  const { page, app } = field;
  await field.goOffline();
  await app.openClient(client);
  await app.fillPayment({ amount: AMOUNT });
  await expect.poll(() => app.draftsHold(page, '42000')).toBe(true);
  // What WebKit does on resume: the server of databases is gone, and stays so until the page is loaded anew.
  await page.evaluate(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Connection to Indexed Database server lost. Refresh the page to try again', 'UnknownError');
    };
  });
  await closeDatabases(field.device);
  await page.getByTestId('pay-confirm').click();
  await expect(page.getByTestId('broken')).toBeVisible();
  await expect(page.getByTestId('receipt-number')).toHaveCount(0);
  await shoot(page, testInfo.project.name, '52-dead-connection');

  await page.getByTestId('broken-reload').click();
  await app.comeBack(COLLECTORS[0]);
  await app.go('cash');
  await expect(page.getByTestId('receipt-line')).toHaveCount(0);
  await app.go('');
  await page.getByTestId('draft').click();
  await page.getByTestId('pay-next').click();
  const paid = { [await app.confirmPayment()]: AMOUNT };
  await field.goOnline();
  await field.syncAll();
  await expectBooks(scene, office, paid);
});
