import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { FieldApp, digits } from './app.mjs';
import { text } from './language.mjs';

/** What the lines of the activity page say, by kind of event. */
const ACTIVITY = {
  visit: /^Visite · /,
  payment: /F\sCFA · (Espèces|Chèque|Virement|Mobile money)$/,
  receipt_signed: /^Reçu \S+ signé$/,
  discharge: /^Décharge obtenue/,
  slip_return: /^BL \S+ retourné/,
  statement: /^Situation comptable/,
};

/** What manager and accountant do on the screens of the office. */
export class OfficeApp extends FieldApp {
  async openActivity() {
    await this.go('activity');
    await expect(this.id('activity-list').or(this.page.locator('.empty'))).toBeVisible();
  }

  /** Lines of the activity page, of one kind. */
  entries(kind) {
    return this.id('event').filter({ has: this.page.locator('p.strong', { hasText: ACTIVITY[kind] }) });
  }

  /** Opens an attachment of the newest entry of a kind: `Photo` or `Signature`. */
  async openAttachment(kind, name) {
    await this.entries(kind).first().getByTestId('attachment').filter({ hasText: name }).first().click();
  }

  async closeSheet() {
    await this.page.locator('dialog[open]').getByTestId('sheet-close').click();
  }

  async openBalance(date) {
    await this.go('balance');
    await expect(this.id('balance-total')).toBeVisible();
    if (date) await this.asOf(date);
  }

  /** On a report: the day it is of. */
  async asOf(date) {
    await this.id('balance-date-open').click();
    await this.id('balance-date').fill(date);
    await this.id('balance-date-ok').click();
  }

  async agedTotal() {
    return digits(await this.id('balance-total').textContent());
  }

  async agedTotalOf(client) {
    const row = this.page.locator(`[data-testid="report-row"][data-code="${client}"]`);
    const after = this.id('report-after');
    while (!(await row.isVisible()) && (await after.isVisible()) && (await after.isEnabled())) await after.click();
    return digits(await row.locator('td').last().textContent());
  }

  /** Uploads the files, says of which day they are, and gives the office's preview as it is shown. */
  async upload({ clients, invoices, date }) {
    await this.chooseFiles({ clients, invoices });
    const uploaded = this.#answer('POST', /\/imports$/);
    await this.id('import-upload').click();
    let preview = (await uploaded).preview;
    await expect(this.id('import-preview')).toBeVisible();
    if (date && preview.statement_date !== date) {
      const again = this.#answer('POST', /\/imports\/[^/]+\/preview$/);
      await this.id('import-date').fill(date);
      preview = await again;
      preview = preview.preview ?? preview;
      expect(preview.statement_date).toBe(date);
    }
    await expect(this.id('import-date')).toHaveValue(date ?? preview.statement_date);
    await expect.poll(async () => digits(await this.id('import-open-after').textContent())).toBe(BigInt(preview.open_total));
    return preview;
  }

  /** Goes to the import page and chooses the files, which stay on this side. */
  async chooseFiles({ clients, invoices }) {
    await this.go('data');
    await this.id('data-import').click();
    if (clients) await this.id('import-clients').setInputFiles(clients);
    if (invoices) await this.id('import-invoices').setInputFiles(invoices);
  }

  /** The bad rows as the preview's table lists them. */
  badRows() {
    return this.id('import-bad-row').evaluateAll((rows) =>
      rows.map((row) => {
        const [file, line, piece, column, why] = [...row.cells].map((cell) => cell.textContent.trim());
        return { file, line: Number(line), piece, column, why };
      }),
    );
  }

  /** Takes the previewed rows in; gives the office's answer. */
  async commitImport() {
    const committed = this.#answer('POST', /\/imports\/[^/]+\/commit$/);
    await this.id('import-commit').click();
    await expect(this.id('import-done')).toBeVisible({ timeout: 30_000 });
    return committed;
  }

  /** Runs the export and gives the file that was downloaded. */
  async exportPayments() {
    await this.#openExports();
    const download = this.page.waitForEvent('download');
    await this.id('export-run').click();
    const path = await (await download).path();
    await expect(this.id('export-result')).toBeVisible();
    return readFile(path, 'utf8');
  }

  /** Runs the export and is told that there is nothing. */
  async exportNothing() {
    await this.#openExports();
    await this.id('export-run').click();
    await expect(this.id('export-result')).toHaveText(text('fr', 'export_nothing'));
  }

  async #openExports() {
    await this.go('data');
    await this.id('data-exports').click();
    await expect(this.id('export-run')).toBeVisible();
  }

  async openDoubles() {
    await this.go('data');
    await this.id('data-doubles').click();
    await expect(this.id('double').or(this.page.locator('.empty')).first()).toBeVisible();
  }

  /** Numbers of the invoices that wait for a decision. */
  doubles() {
    return this.id('double').evaluateAll((sections) => sections.map((section) => section.dataset.number).sort());
  }

  /** Decides on one, `same` or `two`. */
  async resolveDouble(number, decision) {
    const section = this.page.locator(`[data-testid="double"][data-number="${number}"]`);
    await section.getByTestId(`double-${decision}`).click();
    await expect(section).toHaveCount(0);
  }

  /** The JSON of the next answer to such a request. */
  async #answer(method, path) {
    const response = await this.page.waitForResponse((one) => one.request().method() === method && path.test(new URL(one.url()).pathname), { timeout: 30_000 });
    return response.json();
  }
}
