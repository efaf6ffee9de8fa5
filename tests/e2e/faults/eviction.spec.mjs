// SYNC §2, fault 25: the browser clears the data while facts wait. They are gone; the app says which, as paper does.
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { text } from '../support/language.mjs';
import { clientForTheDay, inFrench } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { evict } from '../support/storage.mjs';

const [collector] = COLLECTORS;

test('data cleared under an open app: it names what is lost, and the device goes on in a new epoch', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, collector);
  const { page, app } = field;
  scene.watch.expect(/error occurred when fetching the script/); // the service worker is gone, and so is the network
  const losses = page.getByTestId('lost').filter({ visible: true });
  const sent = await field.takeCash(client, 50_000n);
  await app.upToDate();
  await field.goOffline();
  const lost = await field.takeCash(client, 70_000n);
  await app.openSync();
  await evict(page);

  // The form that is open does not pretend.
  await app.openClient(client).catch(() => {}); // the screen may already be the one that says so
  const broken = page.getByTestId('broken');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(broken).toContainText(text('fr', 'broken_cleared'));
  await expect(broken).toContainText(lost);
  await expect(broken).toContainText(inFrench(70_000n));
  await expect(broken).not.toContainText(sent);
  await shoot(page, testInfo.project.name, '53-data-cleared');

  await field.goOnline();
  await page.getByTestId('broken-reload').click();
  await expect(losses).toContainText(lost); // before anybody signs in
  await shoot(page, testInfo.project.name, '54-sign-in-after-data-cleared');
  await app.signIn(collector);
  await app.upToDate();
  await expect(losses).toContainText(lost);
  await expect(losses).not.toContainText(sent);
  await shoot(page, testInfo.project.name, '55-lost-until-noted');
  await page.reload();
  await expect(losses).toContainText(lost); // until somebody has taken note
  await page.getByTestId('lost-noted').filter({ visible: true }).click();
  await expect(losses).toHaveCount(0);

  // Entered again from the paper receipt: another number, of another device or epoch, so the gap stays visible.
  const again = await field.takeCash(client, 70_000n);
  expect(again.replace(/\d+$/, '')).not.toBe(sent.replace(/\d+$/, ''));
  await field.syncAll();
  await page.reload();
  await app.ready();
  await expect(losses).toHaveCount(0);
  await expectBooks(scene, office, { [sent]: 50_000n, [again]: 70_000n });
  // The office sees two installations of one person; the first is silent from now on.
  const devices = await office.command('device', 'list', '--json');
  expect(devices.filter(({ user }) => user === collector.name)).toHaveLength(2);
});
