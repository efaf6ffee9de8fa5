// The list of clients narrowed to what a collector looks for (PRODUCT A3).
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FieldApp } from './support/app.mjs';
import { text } from './support/language.mjs';
import { CLIENTS_CSV, INVOICES_CSV, TRUTH, openInvoices, portfolio } from './support/ledger.mjs';
import { PASSWORD } from './support/office.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';
import { PHONE } from './support/viewports.mjs';

const MARIAMA = { login: 'mariama', name: 'Mariama Issoufou', role: 'collector', portfolios: ['REC01'], password: PASSWORD };

test('the list narrows to the clients of one activity, and opens again', async ({ scene }, testInfo) => {
  const all = portfolio('REC01');
  const activities = new Map(all.map((code) => [code, new Set(openInvoices(code).map((invoice) => invoice.activity))]));
  const of = (activity) => all.filter((code) => activities.get(code).has(activity));
  const [activity] = [...new Set([...activities.values()].flatMap((names) => [...names]))].sort((a, b) => of(a).length - of(b).length);
  const wanted = of(activity);
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.length).toBeLessThan(all.length);

  const office = await scene.office();
  await office.establish([MARIAMA]);
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_CSV, '--statement-date', TRUTH.first.statement_date);
  await office.start();
  const page = await scene.desk(office.url, { viewport: PHONE });
  await page.goto('/');
  const app = new FieldApp(page);
  await app.signIn(MARIAMA);
  await app.go('clients');
  const count = page.locator('.pane-list .titles p');
  await expect(count).toContainText(`${all.length} clients`);

  await page.getByTestId('list-sort').click();
  await page.getByTestId('sort-activity').selectOption({ label: activity });
  await page.locator('dialog[open]').getByRole('button', { name: text('fr', 'show_clients') }).click();
  await expect(count).toContainText(`${wanted.length} `);
  await expect(count).toContainText(`${all.length}`);
  await expect(page.getByTestId('list-sort')).toContainText(activity);
  expect(await codesOf(page)).toEqual(new Set(wanted));
  await shoot(page, testInfo.project.name, '50-one-activity');

  await page.getByTestId('list-sort').click();
  await page.getByTestId('sort-activity').selectOption('');
  await page.keyboard.press('Escape');
  await expect(count).toContainText(`${all.length} clients`);
  expect(await codesOf(page)).toEqual(new Set(all));
});

test('a dossier shows what the ledger says in columns of its own, and whom to call', async ({ scene }, testInfo) => {
  const office = await scene.office();
  await office.establish([MARIAMA]);
  const clients = join(office.folder.path, 'clients.csv');
  const invoices = join(office.folder.path, 'factures.csv');
  await writeFile(clients, 'Code client;Raison sociale;Téléphone;Chargé de recouvrement;Adresse chantier;Comptable;Téléphone du comptable;Étiquettes\nC1;Mines Tamgak;+227 90 11 22 33;REC01;Route de l’uranium, Arlit;Rakia Issaka;+227 96 44 55 66;Grand compte\n');
  await writeFile(invoices, 'N° pièce;Code client;Date facture;Date échéance;Montant TTC;Réglé\nF1;C1;01/09/2026;01/10/2026;250000;0\n');
  await office.command('import', '--clients', clients, '--invoices', invoices, '--statement-date', TRUTH.first.statement_date);
  await office.start();
  const page = await scene.desk(office.url, { viewport: PHONE });
  await page.goto('/');
  const app = new FieldApp(page);
  await app.signIn(MARIAMA);
  await app.openClient('C1');
  await page.getByTestId('contact-open').click();
  const sheet = page.locator('dialog[open]');
  await expect(sheet.locator('a[href="tel:+22790112233"]')).toBeVisible();
  await expect(sheet).toContainText('Téléphone du comptable');
  await expect(sheet.locator('a[href="tel:+22796445566"]')).toBeVisible();
  await expect(sheet.locator('a[href="https://wa.me/22796445566"]')).toBeVisible();
  await shoot(page, testInfo.project.name, '51-contacts');
  await page.keyboard.press('Escape');
  await page.getByText(text('fr', 'tab_infos'), { exact: true }).click();
  for (const said of ['Adresse chantier', 'Route de l’uranium, Arlit', 'Rakia Issaka', 'Grand compte']) {
    await expect(page.getByText(said, { exact: true })).toBeVisible();
  }
  await shoot(page, testInfo.project.name, '52-infos');
});

/** Every client of the list, which draws only the rows in sight. */
async function codesOf(page) {
  const found = new Set();
  const list = page.locator('.page-body:has(> .client-window)');
  await list.evaluate((node) => node.scrollTo(0, 0));
  for (;;) {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const rows = page.getByTestId('client-row');
    for (const code of await rows.evaluateAll((nodes) => nodes.map((node) => node.dataset.code))) found.add(code);
    const more = await list.evaluate((node) => {
      const before = node.scrollTop;
      node.scrollBy(0, node.clientHeight);
      return node.scrollTop > before;
    });
    if (!more) return found;
  }
}
