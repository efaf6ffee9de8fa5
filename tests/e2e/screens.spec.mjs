// The pictures of docs/screens, on the demo organisation. Not a test: it runs when asked, `TOURNEE_SCREENS=1`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FieldApp } from './support/app.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { ROOT } from './support/paths.mjs';
import { expect, test } from './support/scene.mjs';

test.skip(!process.env.TOURNEE_SCREENS, 'takes pictures only when TOURNEE_SCREENS is set');

/** What the readme shows, by size. */
const SHOWN = { phone: ['round', 'dossier', 'pay', 'receipt'], tablet: ['dossier', 'balance'] };

/** The demo's accounts share one password (README). */
const DEMO = 'tournee-demo';

test('pictures for the readme', async ({ scene }, testInfo) => {
  const size = testInfo.project.name;
  const { viewport } = testInfo.project.use;
  const folder = join(ROOT, 'docs', 'screens');
  await mkdir(folder, { recursive: true });
  const picture = async (page, name) => {
    if (!SHOWN[size].includes(name)) return;
    await expect(page.locator('.spinner').filter({ visible: true })).toHaveCount(0);
    await page.evaluate(() => document.activeElement?.blur());
    await page.screenshot({ path: join(folder, size === 'phone' ? `${name}.png` : `${size}-${name}.png`), animations: 'disabled', caret: 'hide' });
  };

  const office = await scene.office();
  await office.command('demo');
  await office.start();
  const device = await scene.device(viewport);
  const page = await device.newPage(office.url);
  const app = new FieldApp(page);
  await app.signIn({ login: 'mariama', password: DEMO });
  await app.upToDate();
  await picture(page, 'round');
  await app.go('clients');
  const client = await page.getByTestId('client-row').first().getAttribute('data-code');
  await app.openClient(client, '');
  await picture(page, 'dossier');
  await page.getByTestId('pay-open').click();
  await page.getByTestId('amount').fill('1250000');
  await picture(page, 'pay');
  await page.getByTestId('pay-next').click();
  await app.confirmPayment();
  await picture(page, 'receipt');

  const desk = await scene.desk(office.url, { viewport });
  await desk.goto('/');
  const manager = new OfficeApp(desk);
  await manager.signIn({ login: 'direction', password: DEMO });
  await manager.openBalance();
  await picture(desk, 'balance');
});
