// SYNC §2: a new version of the app takes over what the old one had not sent.
import { join } from 'node:path';
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { variantBuild } from '../support/variant.mjs';

test('facts that wait survive an update of the app and leave with the new version', async ({ scene }) => {
  const office = await fieldOffice(scene);
  const { client } = clientForTheDay('REC01');
  const next = await variantBuild(join(await scene.folder(), 'next'));
  const field = await Field.begin(scene, office, COLLECTORS[0]);
  const { page, app, network } = field;
  network.breakPushAfter_bytes = 0; // the new version comes through, facts do not leave
  const amount = 75_000n;
  const receipt = await field.takeCash(client, amount);
  await page.getByTestId('receipt-to-client').click();

  const former = await page.evaluate(() => window.tourneeUpdate.build);
  await office.stop();
  await office.start({ assets: next });
  await page.evaluate(() => window.tourneeUpdate.check());
  await app.go('more');
  await Promise.all([page.waitForEvent('load'), page.getByTestId('update-apply').click()]);
  await app.ready();
  await expect.poll(() => page.evaluate(() => window.tourneeUpdate?.build)).not.toBe(former);
  await app.openSync();
  await expect(page.getByTestId('sync-waiting')).toHaveText('1');
  await expect.poll(() => network.pushesBroken).toBeGreaterThan(0);
  await expectBooks(scene, office, {});

  await network.heal();
  await field.syncAll();
  await expectBooks(scene, office, { [receipt]: amount });
});
