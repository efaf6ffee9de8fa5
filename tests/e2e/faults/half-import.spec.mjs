// A statement arrives in several pages: nobody ever sees a total between the old one and the new one.
import { MANAGER, fieldOffice } from '../support/field-office.mjs';
import { CLIENTS_CSV, INVOICES_2_CSV, TRUTH } from '../support/ledger.mjs';
import { OfficeApp } from '../support/office-app.mjs';
import { expect, test } from '../support/scene.mjs';

/** Pages that come through before the network goes. */
const PAGES_BEFORE_THE_CUT = 2;

/** Notes every total that the balance page has ever shown in this tab, over reloads. */
function noteTotals() {
  const note = () => {
    const shown = document.querySelector('[data-testid="balance-total"]')?.textContent.replace(/[^\d]/g, '');
    const seen = JSON.parse(sessionStorage.seenTotals ?? '[]');
    if (shown && !seen.includes(shown)) sessionStorage.seenTotals = JSON.stringify([...seen, shown]);
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
}

test('an import that breaks off half-way shows the old total until it is whole', async ({ scene }) => {
  const office = await fieldOffice(scene);
  const page = await scene.desk(office.url, { serviceWorkers: 'block' });
  await page.addInitScript(noteTotals);
  const manager = new OfficeApp(page);
  await page.goto('/');
  await manager.signIn(MANAGER);
  await manager.openBalance();
  await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.first.open_total));

  scene.watch.expectNetworkFailures();
  let passed = 0;
  let refused = 0;
  await page.route('**/api/v1/pull', (route) => {
    if (passed < PAGES_BEFORE_THE_CUT) {
      passed += 1;
      return route.continue();
    }
    refused += 1;
    return route.abort('connectionreset');
  });
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_2_CSV, '--statement-date', TRUTH.second.statement_date);
  await expect.poll(() => refused).toBeGreaterThan(0);
  expect(passed).toBe(PAGES_BEFORE_THE_CUT);
  await page.reload(); // what is in the store is what is shown
  await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.first.open_total));

  await page.unroute('**/api/v1/pull');
  await manager.openSync();
  await page.getByTestId('sync-now').click();
  await manager.upToDate();
  await manager.openBalance();
  await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.second.open_total));
  const seen = await page.evaluate(() => JSON.parse(sessionStorage.seenTotals));
  expect(seen).toEqual([TRUTH.first.open_total, TRUTH.second.open_total].map(String));
});
