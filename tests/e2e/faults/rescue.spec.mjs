// SYNC 40: facts that cannot be sent leave as a file only the office can read; the device may then be lost.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { text } from '../support/language.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';

/** A phone's share sheet: what is shared is kept as text. */
function shareSheet() {
  navigator.canShare = ({ files }) => files?.length === 1 && files[0].type === 'text/plain';
  navigator.share = async ({ files: [file] }) => {
    window.shared = { name: file.name, text: await file.text() };
  };
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
    await office.command('import', 'rescue', file);
    const arrived = await expectBooks(scene, office, paid);
    expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
    await office.command('import', 'rescue', file); // once more changes nothing
    await expectBooks(scene, office, paid);
  });
}
