// SYNC §2, fault 7: the browser gives no more room. The whole record is taken back, and money still goes in.
import { join } from 'node:path';
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { text } from '../support/language.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { writePhoto } from '../support/photo.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { limitStorage, rowsIn } from '../support/storage.mjs';

/** Room for a payment, not for its photos. */
const ROOM_BYTES = 40_000;
const AMOUNT = 88_000n;

test('a cheque with photos finds no room: nothing of it stays; without photos it goes in', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const photos = [];
  for (const ink of [40, 90]) photos.push(await writePhoto(join(await scene.folder(), 'cheque.png'), ink));
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  const { page, app } = field;
  await field.goOffline();
  await limitStorage(page, ROOM_BYTES);
  await app.openClient(client);
  await app.fillPayment({ method: 'cheque', amount: AMOUNT, cheque: { bank: 'Sonibank', number: '0048213', drawer: 'Société du jour' }, photos });
  await page.getByTestId('pay-confirm').click();
  await expect(page.getByTestId('error-summary')).toContainText(text('fr', 'record_full'));
  await expect(page.getByTestId('receipt-number')).toHaveCount(0);
  expect(await rowsIn(page, ['drafts'])).toEqual([1]); // what was typed before the photos
  await shoot(page, testInfo.project.name, '56-no-room');
  expect(await rowsIn(page, ['facts', 'fact_places', 'blobs', 'blob_chunks', 'waiting_blobs'])).toEqual([0, 0, 0, 0, 0]);

  await page.getByTestId('pay-edit').click();
  for (let n = 0; n < photos.length; n++) await page.getByTestId('photo').getByRole('button').first().click();
  await page.getByTestId('pay-next').click();
  const receipt = await app.confirmPayment();
  expect(receipt).toMatch(/-000001$/); // the first try used no number
  await field.goOnline();
  await field.syncAll();
  await expectBooks(scene, office, { [receipt]: AMOUNT });
});

test('photos that the office has verified give way to the next ones', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const folder = await scene.folder();
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  const { page, app } = field;
  const takeCheque = async (n, inks) => {
    const photos = [];
    for (const ink of inks) photos.push(await writePhoto(join(folder, `cheque-${ink}.png`), ink));
    await app.openClient(client);
    await app.fillPayment({ method: 'cheque', amount: AMOUNT, cheque: { bank: 'Sonibank', number: `004821${n}`, drawer: 'Société du jour' }, photos });
    return app.confirmPayment();
  };
  const paid = { [await takeCheque(1, [21, 121])]: AMOUNT };
  await field.syncAll();
  await expect(page.getByTestId('sync-waiting-blobs')).toHaveText('0', { timeout: 60_000 });
  await field.goOffline();
  await limitStorage(page, ROOM_BYTES);
  paid[await takeCheque(2, [71])] = AMOUNT;
  await app.openSync();
  await expect(page.getByTestId('storage-freed')).toBeVisible();
  await expect(page.getByTestId('sync-waiting-blobs')).toHaveText('1'); // it waits: it never gives way
  await shoot(page, testInfo.project.name, '60-photos-gave-way');
  await field.goOnline();
  await field.syncAll();
  await expect(page.getByTestId('sync-waiting-blobs')).toHaveText('0', { timeout: 60_000 });
  await expectBooks(scene, office, paid);
});
