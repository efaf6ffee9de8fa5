import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { CHROMIUM, CHROMIUM_FLAGS } from '../e2e/support/browser.mjs';
import { FieldDevice } from '../e2e/support/field-device.mjs';
import { Office } from '../e2e/support/office.mjs';
import { PHONE } from '../e2e/support/viewports.mjs';

/** Who measures: a manager, who sees every client and may record. */
export const LOGIN = 'direction';

/** Runs of each figure and of its floor, in turn. */
export const RUNS = 5;

const FLOORS = join(import.meta.dirname, 'floors');

/** Slows what the page computes so many times. */
export async function slow(page, times) {
  if (times === 1) return;
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: times });
}

/** A running office with the demo's data of so many clients, and a browser. */
export class Stage {
  static async create(clients) {
    const office = await Office.create();
    const told = await office.command('demo', '--clients', String(clients), '--json');
    await office.start();
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    return new Stage(office, browser, told.password);
  }

  constructor(office, browser, password) {
    this.office = office;
    this.browser = browser;
    this.password = password;
    /** Ends what was opened here besides. */
    this.closers = [];
  }

  /** Runs `visit(page)` on a page of a profile that is new, with the processor slowed so many times. */
  async fresh({ slowed = 1 }, visit) {
    const context = await this.browser.newContext({ viewport: PHONE, baseURL: this.office.url, locale: 'fr-FR', timezoneId: 'Africa/Niamey' });
    try {
      const page = await context.newPage();
      await slow(page, slowed);
      return await visit(page);
    } finally {
      await context.close();
    }
  }

  /** Opens a bare page of `floors/` at the office's own address, so that it may ask the same questions. */
  async openFloor(page, name) {
    const body = await readFile(join(FLOORS, `${name}.html`), 'utf8');
    await page.route(`**/${name}.html`, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(`${this.office.url}/${name}.html`);
  }

  /** Everything the office has for `login`, as a device receives it. */
  async records(login) {
    const device = await FieldDevice.enrol(this.office.url, { login, password: this.password });
    return device.pullAll();
  }

  async close() {
    for (const closer of this.closers.reverse()) await closer();
    await this.browser.close();
    await this.office.remove();
  }
}
