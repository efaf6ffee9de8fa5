// Every screen for everybody: axe-core, both languages, both darknesses, nothing cut off; and a whole day by keyboard.
import { join } from 'node:path';
import { FieldApp } from './support/app.mjs';
import { barriers } from './support/axe.mjs';
import { FieldDevice } from './support/field-device.mjs';
import { foreignTexts } from './support/language.mjs';
import { CLIENTS_CSV, INVOICES_2_CSV, INVOICES_CSV, TRUTH, clientForTheDay, portfolio, wordsOfTheFiles } from './support/ledger.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { PASSWORD } from './support/office.mjs';
import { writePhoto } from './support/photo.mjs';
import { Scene, expect, test } from './support/scene.mjs';
import { misfits, settled } from './support/screens.mjs';
import { PHONE, TABLET } from './support/viewports.mjs';

const MANAGER = { login: 'direction', name: 'Rahila Direction', role: 'manager', password: PASSWORD };
const MARIAMA = { login: 'mariama', name: 'Mariama Issoufou', role: 'collector', portfolios: ['REC01'], password: PASSWORD };

const GIVEN = wordsOfTheFiles();

let common;
let office;
test.beforeAll(async () => {
  common = new Scene();
  office = await common.office();
  await office.establish([MANAGER, MARIAMA]);
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_CSV, '--statement-date', TRUTH.first.statement_date);
  await office.start();
  // Something on every screen: a payment that the second statement doubts, a flag, a fact nobody can read.
  const device = await FieldDevice.enrol(office.url, MARIAMA);
  const seen = TRUTH.field_payments.find(({ client, invoice }) => TRUTH.second.flagged_possible_double.includes(invoice) && portfolio('REC01').includes(client));
  device.recordCash(seen);
  device.recordCash({ ...seen, invoice: 'FA99999999', amount: '1500' });
  device.record('hologram', { client: seen.client });
  await device.push();
  await office.command('import', '--invoices', INVOICES_2_CSV, '--statement-date', TRUTH.second.statement_date);
});
test.afterAll(() => common.close());

/** Goes to a place inside the app without loading it again. */
async function visit(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate', { state: null }));
  }, path);
  await settled(page);
}

/** Looks at one screen with all eyes; what is wrong is gathered, and the tour goes on. */
async function examine(page, name, { language, faults }) {
  await settled(page);
  const found = [...(await misfits(page)), ...(await foreignTexts(page, language, GIVEN)), ...(await barriers(page))];
  faults.push(...found.map((fault) => `${name}: ${fault}`));
}

/** Sets language and colours where a person sets them. */
async function dress(page, { language, theme }) {
  await visit(page, '/more');
  await page.getByTestId(`language-${language}`).click();
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  await page.getByTestId(`theme-${theme}`).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

/** Opens a sheet, looks, and closes it as the keyboard does. */
async function examineSheet(page, opener, name, looks) {
  await opener.click();
  await expect(page.locator('dialog[open]')).toBeVisible();
  await examine(page, name, looks);
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog[open]')).toHaveCount(0);
}

async function fieldTour(page, app, looks, files) {
  const home = `/clients/${clientForTheDay('REC01').client}`;
  await visit(page, '/');
  await examine(page, 'round', looks);
  await visit(page, '/clients');
  await examine(page, 'clients', looks);
  await examineSheet(page, page.getByTestId('list-sort'), 'sort sheet', looks);
  await page.getByTestId('client-search').fill('zzzzzz');
  await examine(page, 'nobody found', looks);
  await page.getByTestId('clear-filters').click();
  await visit(page, home);
  for (const tab of ['invoices', 'papers', 'history', 'infos']) {
    await page.getByTestId(`tab-${tab}`).click();
    await examine(page, `dossier, ${tab}`, looks);
  }
  await page.getByTestId('tab-papers').click();
  const [discharge, slip] = await Promise.all(['discharge', 'slip'].map((paper) => page.getByTestId(`paper-${paper}-open`).first().getAttribute('href')));
  await page.getByTestId('tab-invoices').click();
  await examineSheet(page, page.getByTestId('invoice').first(), 'invoice sheet', looks);
  await examineSheet(page, page.getByTestId('contact-open'), 'contact sheet', looks);
  await visit(page, `${home}/visit`);
  await examine(page, 'before the visit', looks);
  await page.getByTestId('visit-start').click();
  await expect(page.getByTestId('visit-started')).toBeVisible();
  await page.getByTestId('visit-end').click(); // without an outcome: the summary of errors
  await expect(page.getByTestId('error-summary')).toBeVisible();
  await examine(page, 'visit with an error', looks);
  await page.getByTestId('visit-cancel').click();
  await visit(page, '/pay');
  await examine(page, 'whom to collect from', looks);
  await visit(page, `${home}/pay`);
  for (const method of ['cheque', 'transfer', 'mobile_money', 'cash']) {
    await page.getByTestId(`method-${method}`).click();
    await examine(page, `payment, ${method}`, looks);
  }
  await page.getByTestId('pay-next').click();
  await examine(page, 'payment with errors', looks);
  await page.getByTestId('amount').fill('2500');
  await page.getByTestId('alloc-edit').click();
  await examine(page, 'payment, by hand', looks);
  await page.getByTestId('pay-next').click();
  await examine(page, 'payment, read back', looks);
  await app.confirmPayment();
  await examine(page, 'receipt', looks);
  await page.getByTestId('receipt-refuse').click();
  await examine(page, 'receipt, refusal', looks);
  await visit(page, discharge);
  await app.addPhoto(files.photo);
  await app.drawSignature();
  await examine(page, 'discharge', looks);
  await page.getByTestId('paper-discard').click();
  await expect(page.getByTestId('paper-discard')).toHaveCount(0);
  await visit(page, slip);
  await examine(page, 'slip', looks);
  await visit(page, '/cash');
  await examine(page, 'cash', looks);
  await visit(page, '/sync');
  await examine(page, 'sync', looks);
  await visit(page, '/more');
  await examine(page, 'more', looks);
  await examineSheet(page, page.getByTestId('sign-out'), 'sign-out sheet', looks);
  await visit(page, '/nulle-part');
  await examine(page, 'not found', looks);
}

async function officeTour(page, app, looks) {
  for (const place of ['activity', 'attention', 'devices', 'clients', 'balance', 'data', 'data/exports', 'data/doubles', 'data/import']) {
    await visit(page, `/${place}`);
    await examine(page, place, looks);
  }
  await page.getByTestId('import-upload').click();
  await examine(page, 'import without a file', looks);
  await app.upload({ clients: CLIENTS_CSV, invoices: INVOICES_2_CSV });
  await page.getByTestId('import-mapping-invoices').click();
  await examine(page, 'import preview', looks);
  await page.getByTestId('import-discard').click();
  await visit(page, '/balance');
  await examineSheet(page, page.getByTestId('balance-date-open'), 'date of the balance', looks);
  await examineSheet(page, page.getByTestId('report-row').first().getByRole('button'), 'one client of the balance', looks);
  await visit(page, '/reports');
  for (const report of ['dso', 'forecast', 'provisions']) {
    await page.getByTestId(`report-${report}`).click();
    await expect(page.getByTestId('report-row').first()).toBeVisible();
    await examine(page, `report, ${report}`, looks);
  }
}

const LOOKS = [
  { language: 'fr', theme: 'light', viewport: PHONE },
  { language: 'en', theme: 'dark', viewport: PHONE },
  { language: 'en', theme: 'sun', viewport: TABLET },
  { language: 'fr', theme: 'dark', viewport: TABLET },
];

for (const looks of LOOKS) {
  test(`every screen in ${looks.language}, ${looks.theme}, ${looks.viewport.width} px`, async ({ scene }) => {
    const page = await scene.desk(office.url, { viewport: looks.viewport });
    await page.goto('/');
    const faults = [];
    await examine(page, 'sign-in', { language: 'fr', faults });
    const app = new FieldApp(page);
    await app.signIn(MARIAMA);
    await dress(page, looks);
    await fieldTour(page, app, { ...looks, faults }, { photo: await writePhoto(join(await scene.folder(), 'paper.png')) });

    const desk = await scene.desk(office.url, { viewport: looks.viewport });
    await desk.goto('/');
    const manager = new OfficeApp(desk);
    await manager.signIn(MANAGER);
    await dress(desk, looks);
    await officeTour(desk, manager, { ...looks, faults });
    expect(faults).toEqual([]);
  });
}

/** More presses of the key than any screen needs. */
const TABS_MAX = 120;

/** Moves the focus with the Tab key until it stands on the element, and sees that the focus can be seen. */
async function tabTo(page, id) {
  for (let n = 0; n < TABS_MAX; n++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate((wanted) => {
      const element = document.activeElement;
      if (element?.dataset.testid !== wanted && !element?.closest('[data-testid]')?.matches(`label[data-testid="${wanted}"]`)) return undefined;
      const rings = [element, element.closest('label'), element.nextElementSibling, element.parentElement].filter(Boolean).map((one) => getComputedStyle(one));
      return rings.some(({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none') ? 'visible' : 'invisible';
    }, id);
    if (focus) {
      expect(focus, `the focus on ${id}`).toBe('visible');
      return;
    }
  }
  throw new Error(`${TABS_MAX} presses of Tab do not reach « ${id} »`);
}

test('a whole day by keyboard alone', async ({ scene }) => {
  const { client, invoices } = clientForTheDay('REC01');
  const page = await scene.desk(office.url, { viewport: PHONE });
  const { keyboard } = page;
  const enter = async (id) => {
    await tabTo(page, id);
    await keyboard.press('Enter');
  };
  const write = async (id, words) => {
    await tabTo(page, id);
    await keyboard.type(words);
  };
  await page.goto('/');
  await write('sign-in-login', MARIAMA.login);
  await write('sign-in-password', PASSWORD);
  await keyboard.press('Enter');
  await new FieldApp(page).ready();
  await enter('nav-clients');
  await write('client-search', client);
  await enter('client-row');
  await expect(page.getByTestId('client-balance')).toBeVisible();
  await enter('visit-open');
  await expect(page.getByTestId('visit-start')).toBeVisible();
  await enter('visit-start');
  await expect(page.getByTestId('visit-started')).toBeVisible();
  await enter('visit-pay');
  await write('amount', String(invoices[0].open));
  await enter('pay-next');
  await expect(page.getByTestId('confirm-amount')).toBeVisible();
  await enter('pay-confirm');
  await expect(page.getByTestId('receipt-number')).toBeVisible();
  await enter('receipt-refuse'); // who cannot draw records why there is no signature
  await write('refusal-reason', 'Cachet absent');
  await enter('receipt-sign');
  await expect(page.getByTestId('receipt-refused')).toBeVisible();
  await enter('receipt-to-client');
  await expect(page.getByTestId('client-balance')).toBeVisible();
  await enter('visit-open');
  await write('visit-person-name', 'Salamatou Garba');
  await tabTo(page, 'visit-outcome-paid');
  await keyboard.press('Space');
  await keyboard.press('ArrowDown');
  await expect(page.getByTestId('visit-outcome-partly_paid')).toBeChecked();
  await enter('visit-end');
  await expect(page.getByTestId('client-balance')).toBeVisible();
  await enter('sync-chip');
  await enter('sync-now');
  await expect(page.getByTestId('sync-waiting')).toHaveText('0');
});
