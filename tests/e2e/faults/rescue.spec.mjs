// SYNC 40: facts that cannot be sent leave as a file only the office can read; the device may then be lost.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, MANAGER, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { text } from '../support/language.mjs';
import { CLIENTS_CSV, clientForTheDay } from '../support/ledger.mjs';
import { atTheDesk, openPlace } from '../support/looked-after.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { PHONE } from '../support/viewports.mjs';

/** A phone's share sheet: what is shared is kept as text. */
function shareSheet() {
  navigator.canShare = ({ files }) => files?.length === 1 && files[0].type === 'text/plain';
  navigator.share = async ({ files: [file] }) => {
    window.shared = { name: file.name, text: await file.text() };
  };
}

/** The manager drops the file on the page of devices; a damaged copy first. */
async function bringThroughThePage(scene, office, file, project) {
  const manager = await atTheDesk(scene, office, MANAGER, PHONE);
  await openPlace(manager, 'devices');
  const bring = async (path) => {
    await manager.id('rescue-file').setInputFiles(path);
    await manager.id('rescue-bring').click();
  };
  const refused = manager.page.locator('.field .error');
  await manager.id('rescue-bring').click();
  await expect(refused).toHaveText(text('fr', 'rescue_no_file'));
  scene.watch.expect(/status of 422/, /\/rescue$/);
  const sealed = JSON.parse(await readFile(file, 'utf8'));
  const damaged = `${file}.damaged.json`;
  await writeFile(damaged, JSON.stringify({ ...sealed, label: 'D99' }));
  await bring(damaged);
  await expect(refused).toHaveText(text('fr', 'rescue_damaged'));
  await bring(CLIENTS_CSV);
  await expect(refused).toHaveText(text('fr', 'rescue_not_a_file'));
  await manager.id('rescue-file').scrollIntoViewIfNeeded();
  await shoot(manager.page, project, '62-rescue-refused');
  await bring(file);
  await expect(manager.id('rescue-sum')).toHaveText(/123\s000/);
  await expect(manager.id('rescue-count')).toHaveText(['2']);
  await manager.id('rescue-report').scrollIntoViewIfNeeded();
  await shoot(manager.page, project, '62-rescue-taken');
}

for (const [way, before] of [['downloaded', undefined], ['shared', shareSheet]]) {
  test(`a device that is lost after its file was ${way}: the payments are at the office`, async ({ scene }, testInfo) => {
    const office = await fieldOffice(scene);
    const { client } = clientForTheDay('REC01');
    const field = await Field.begin(scene, office, COLLECTORS[0], { before });
    const { page, app } = field;
    await field.goOffline();
    const paid = {};
    for (const amount of [61_000n, 62_000n]) paid[await field.takeCash(client, amount)] = amount;
    await app.openSync();
    const file = join(await scene.folder(), 'rescue.json');
    const download = before ? undefined : page.waitForEvent('download');
    await page.getByTestId('rescue-export').last().click();
    if (download) {
      await expect(page.getByText(text('fr', 'rescue_done'))).toBeVisible();
      await (await download).saveAs(file);
    } else {
      await expect(page.getByText(text('fr', 'rescue_shared'))).toBeVisible();
      const shared = await page.evaluate(() => window.shared);
      expect(shared.name).toMatch(/^tournee-\d{4}-\d\d-\d\d\.rescue\.txt$/);
      await writeFile(file, shared.text);
    }
    await shoot(page, testInfo.project.name, `61-rescue-${way}`);
    const sealed = await readFile(file, 'utf8');
    for (const secret of [client, ...Object.keys(paid), '61000']) expect(sealed).not.toContain(secret);
    await field.device.remove(); // the profile with everything in it

    await expectBooks(scene, office, {});
    if (before) await office.command('import', 'rescue', file);
    else await bringThroughThePage(scene, office, file, testInfo.project.name);
    const arrived = await expectBooks(scene, office, paid);
    expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
    await office.command('import', 'rescue', file); // once more changes nothing
    await expectBooks(scene, office, paid);
  });
}
