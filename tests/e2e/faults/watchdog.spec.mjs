// SYNC 39, 40: how long a fact has waited is always seen; from a day on it is an alarm, from two a way out is offered.
import { expectBooks } from '../support/books.mjs';
import { DAY_MS, moveClock } from '../support/clock.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { text } from '../support/language.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { PHONE, TABLET } from '../support/viewports.mjs';

const HOUR_MS = 3_600_000;

for (const [language, viewport] of [['fr', PHONE], ['en', TABLET]]) {
  test(`the age of what waits, the alarm and the way out, in ${language}`, async ({ scene }, testInfo) => {
    const office = await fieldOffice(scene);
    const { client } = clientForTheDay('REC01');
    const field = await Field.begin(scene, office, COLLECTORS[0], { viewport });
    const { page, app, device } = field;
    const words = (key) => text(language, key).replace(/\{.*/s, '').trim();
    const chip = page.getByTestId('sync-chip').filter({ visible: true }).first();
    const alarm = page.getByTestId('watchdog').filter({ visible: true });
    const at = async (age_ms) => {
      await moveClock(device.context, age_ms);
      await page.evaluate(() => window.dispatchEvent(new Event('focus'))); // as when the device is picked up
    };
    if (language === 'en') {
      await app.go('more');
      await page.getByTestId('language-en').click();
    }
    await field.goOffline();
    const paid = { [await field.takeCash(client, 25_000n)]: 25_000n };
    await expect(chip).toContainText(/1 min/);
    await at(3 * HOUR_MS);
    await expect(chip).toContainText(/3 h/);
    await expect(alarm).toHaveCount(0);

    await at(DAY_MS + HOUR_MS);
    await expect(alarm).toContainText(text(language, 'watchdog_advice'));
    await expect(alarm.getByTestId('rescue-export')).toHaveCount(0);
    await shoot(page, testInfo.project.name, `57-alarm-${language}`);
    for (const place of ['clients', 'cash']) {
      await app.go(place);
      await expect(alarm).toHaveCount(1); // on every screen
      await shoot(page, testInfo.project.name, `57-alarm-${place}-${language}`);
    }
    await alarm.getByTestId('watchdog-later').click();
    await expect(alarm).toHaveCount(0);
    await at(DAY_MS + 2 * HOUR_MS + 60_000);
    await expect(alarm).toBeVisible(); // put off, not away
    await alarm.getByTestId('watchdog-later').click();
    await page.reload();
    await app.ready();
    await expect(alarm).toBeVisible();

    await at(2 * DAY_MS + 2 * HOUR_MS);
    await expect(alarm).toContainText(words('watchdog_rescue'));
    const download = page.waitForEvent('download');
    await alarm.getByTestId('rescue-export').click();
    expect((await download).suggestedFilename()).toMatch(/^tournee-/);
    await shoot(page, testInfo.project.name, `58-rescue-${language}`);
    await app.openSync();
    await expect(page.getByTestId('sync-oldest')).toContainText(language === 'fr' ? '2 j' : '2 d');
    await shoot(page, testInfo.project.name, `59-sync-page-alarm-${language}`);

    await at(0);
    await field.goOnline();
    await field.syncAll();
    await expect(alarm).toHaveCount(0);
    await expectBooks(scene, office, paid);
  });
}
