import { expect } from '@playwright/test';
import { storedText } from './storage.mjs';

/** The amount in a French text, as whole francs: blanks and the currency's name left out, either kind of minus read. */
export const digits = (text) => BigInt(text.replaceAll('\u2212', '-').replace(/[^\d-]/g, ''));

/** What a collector does on the screens, by tap. Each step waits for its own outcome. */
export class FieldApp {
  constructor(page) {
    this.page = page;
    this.id = (name) => page.getByTestId(name);
  }

  async signIn({ login, password }) {
    await this.id('sign-in-login').fill(login);
    await this.id('sign-in-password').fill(password);
    await this.id('sign-in-submit').click();
    await this.ready();
  }

  /** Comes back without the network: who worked here last goes on, or is chosen among those known. */
  async comeBack({ login }) {
    const known = this.id(`known-${login}`);
    await expect(known.or(this.page.getByRole('navigation')).first()).toBeVisible({ timeout: 30_000 });
    if (await known.isVisible()) await known.click();
    await this.ready();
  }

  /** The portfolio is there and the screens answer. */
  async ready() {
    await expect(this.page.getByRole('navigation')).toBeVisible({ timeout: 30_000 });
  }

  /** Everything needed offline is on the device. */
  async readyOffline() {
    await this.page.waitForFunction(() => window.tourneeUpdate?.precached);
  }

  async go(place) {
    await this.id(`nav-${place}`).click();
  }

  /** Finds a client by whatever one would type, and opens the dossier. */
  async openClient(code, query = code) {
    await this.go('clients');
    await this.id('client-search').fill(query);
    await this.row(code).click();
    await expect(this.id('client-balance')).toBeVisible();
  }

  row(code) {
    return this.page.locator(`[data-testid="client-row"][data-code="${code}"]`);
  }

  /** What the dossier says is owed, in francs. */
  async balance() {
    return digits(await this.id('client-balance').textContent());
  }

  invoice(number) {
    return this.page.locator(`[data-testid="invoice"][data-number="${number}"]`);
  }

  /** From the dossier: begins a visit and stays on its page. */
  async startVisit() {
    await this.id('visit-open').click();
    await this.id('visit-start').click();
    await expect(this.id('visit-started')).toBeVisible();
  }

  /** From the dossier: back to the visit that is going on. */
  async resumeVisit() {
    await this.id('visit-open').click();
    await expect(this.id('visit-started')).toBeVisible();
  }

  /** From the dossier: takes a payment up to the read-back, which it leaves open. */
  async fillPayment({ method = 'cash', amount, cheque, transfer, mobile, allocations, payer, photos = [] }) {
    await this.id('pay-open').click();
    if (method !== 'cash') await this.id(`method-${method}`).click();
    await this.id('amount').fill(String(amount));
    await this.#fill({ 'cheque-bank': cheque?.bank, 'cheque-number': cheque?.number, 'cheque-drawer': cheque?.drawer });
    await this.#fill({ 'transfer-bank': transfer?.bank, 'transfer-reference': transfer?.reference });
    await this.#fill({ 'mobile-operator': mobile?.operator, 'mobile-phone': mobile?.phone, 'mobile-transaction': mobile?.transaction });
    for (const photo of photos) await this.addPhoto(photo);
    if (allocations) await this.allocateByHand(allocations);
    if (payer) {
      await this.id('pay-more').click();
      await this.#fill({ 'payer-name': payer.name, 'payer-function': payer.function });
    }
    await this.id('pay-next').click();
    await expect(this.id('confirm-amount')).toBeVisible();
    expect(digits(await this.id('confirm-amount').textContent())).toBe(BigInt(amount));
  }

  /** Sets exactly these lines, `{invoice: francs}`, whatever was proposed. */
  async allocateByHand(allocations) {
    await this.id('alloc-edit').click();
    for (const input of await this.page.locator('input[data-testid^="alloc-"][inputmode]').all()) {
      const number = (await input.getAttribute('data-testid')).slice('alloc-'.length);
      await input.fill(number in allocations ? String(allocations[number]) : '');
      await input.blur();
    }
  }

  /** Confirms the read-back; resolves when the receipt with its number is on the screen: the money is durable. */
  async confirmPayment() {
    await this.id('pay-confirm').click();
    const number = this.id('receipt-number');
    await expect(number).toHaveText(/-E\d+-\d{6,}/);
    return (await number.textContent()).match(/[A-Z]+-[A-Z]\d+-E\d+-\d{6,}/)[0];
  }

  /** On the receipt: the payer signs on the glass, and the collector too when asked. */
  async signReceipt({ both = false } = {}) {
    await this.drawSignature();
    if (both) await this.drawSignature('collector');
    await this.id('receipt-sign').click();
    await expect(this.id('receipt-signed')).toBeVisible();
  }

  /** A stroke on the glass, as a finger draws it. */
  async drawSignature(whose = 'signature') {
    const glass = this.id(`${whose}-glass`);
    await glass.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await glass.boundingBox();
    const { mouse } = this.page;
    for (const [from, to] of [[0.15, 0.5], [0.5, 0.85]]) {
      await mouse.move(x + width * from, y + height * 0.7);
      await mouse.down();
      for (let step = 1; step <= 12; step++) {
        const part = step / 12;
        await mouse.move(x + width * (from + (to - from) * part), y + height * (0.5 + 0.3 * Math.cos(part * 9)));
      }
      await mouse.up();
    }
    await expect(this.id(`${whose}-undo`)).toBeEnabled();
  }

  /** From the dossier: opens the form of an invoice's paper, `discharge` or `slip`. */
  async openPaper(number, paper) {
    await this.invoice(number).click();
    await this.id('invoice-sheet').getByTestId(`paper-${paper}-open`).click();
    await expect(this.id('paper-save')).toBeVisible();
  }

  /** Adds a photo from a file; waits until it was made small. */
  async addPhoto(path) {
    const before = await this.id('photo').count();
    await this.id('photo-file').setInputFiles(path);
    await expect(this.id('photo')).toHaveCount(before + 1);
  }

  async fillSigner({ name, function: post }) {
    await this.#fill({ 'paper-signer': name, 'paper-function': post });
  }

  /** Records the paper; the form closes only when it is durable. */
  async savePaper() {
    await this.id('paper-save').click();
    await expect(this.id('paper-save')).toHaveCount(0);
  }

  /** Back to the client's dossier, from a visit or a paper. */
  async toDossier(code) {
    const [visit, balance] = [this.id('visit-started'), this.id('client-balance')];
    await expect(visit.or(balance).first()).toBeVisible();
    if (await visit.isVisible()) await this.id('back').click();
    await expect(balance).toBeVisible();
    await expect(this.page).toHaveURL(new RegExp(`/clients/${code}$`));
  }

  /** In a visit: a comment on one invoice. */
  async comment(number, text) {
    const field = this.id(`visit-comment-${number}`);
    if (!(await field.isVisible())) await this.page.locator('summary').filter({ hasText: number }).last().click();
    await field.fill(text);
  }

  /** Ends the visit; the dossier comes back only when it is durable. */
  async endVisit() {
    await this.id('visit-end').click();
    await expect(this.id('client-balance')).toBeVisible();
  }

  /** To the sync screen, by the chip that is on every screen. */
  async openSync() {
    await this.id('sync-chip').filter({ visible: true }).first().click();
    await expect(this.id('sync-waiting')).toBeVisible();
  }

  /** Whether a draft with this text is durable on the device. */
  async draftsHold(page, text) {
    return (await storedText(page)).includes(text);
  }

  /** The header says that the office has everything. */
  async upToDate() {
    await expect(this.id('sync-chip').first()).toContainText('À jour', { timeout: 60_000 });
  }

  /** The sync page says that every fact of this device is at the office. */
  async nothingWaits() {
    await expect(this.id('sync-waiting')).toHaveText('0', { timeout: 60_000 });
  }

  async #fill(fields) {
    for (const [id, text] of Object.entries(fields)) if (text !== undefined) await this.id(id).fill(text);
  }
}
