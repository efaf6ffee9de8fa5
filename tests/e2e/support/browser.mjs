import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { temporaryFolder } from './paths.mjs';
import { startGroup } from './process.mjs';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // As on a phone, where they lie over the page.
  '--hide-scrollbars',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];
const READY_WITHIN_MS = 30_000;

/**
 * A tablet or phone: a Chromium of our own on a profile that stays, so that its process can be killed like a phone
 * whose battery is pulled, and opened again on what it had stored.
 */
export class Device {
  static async create({ viewport, locale = 'fr-FR' }) {
    const folder = await temporaryFolder('device');
    const device = new Device(folder, viewport, locale);
    await device.open();
    return device;
  }

  constructor(folder, viewport, locale) {
    this.folder = folder;
    this.viewport = viewport;
    this.locale = locale;
    this.browser = undefined;
    this.process = undefined;
    this.offline = false;
    /** Called with each page as it appears; set by who watches for errors. */
    this.onPage = undefined;
  }

  /** The one context of the profile: its storage survives the process. */
  get context() {
    return this.browser.contexts()[0];
  }

  async open() {
    const profile = join(this.folder.path, 'profile');
    // A killed Chromium leaves its lock behind, and the port file of its former life.
    for (const name of ['SingletonLock', 'SingletonSocket', 'SingletonCookie', 'DevToolsActivePort']) {
      await rm(join(profile, name), { force: true });
    }
    this.process = startGroup(CHROMIUM, [
      '--headless=new',
      ...CHROMIUM_FLAGS,
      `--lang=${this.locale}`,
      `--accept-lang=${this.locale}`,
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      `--window-size=${Math.max(this.viewport.width, 500)},${this.viewport.height + 120}`,
      'about:blank',
    ], { env: { TZ: 'Africa/Niamey' } });
    const [, endpoint] = await this.process.line(/DevTools listening on (ws:\S+)/, READY_WITHIN_MS);
    this.browser = await chromium.connectOverCDP(endpoint);
    this.context.setDefaultTimeout(15_000);
    if (this.offline) await this.context.setOffline(true);
    this.context.on('page', (page) => this.onPage?.(page));
  }

  /** What the browser itself believes of the network, and tells its pages; the requests fail by `Network.cut`. */
  async setOffline(offline) {
    this.offline = offline;
    await this.context.setOffline(offline);
  }

  /** A tab on `url`, at this device's size. */
  async newPage(url) {
    const page = await this.context.newPage();
    await page.setViewportSize(this.viewport);
    if (url) await page.goto(url);
    return page;
  }

  /** SIGKILL to every process of the browser at once: nothing gets to say goodbye. */
  async kill() {
    this.process.signal('SIGKILL');
    await this.process.ended;
    await this.browser.close().catch(() => {}); // the connection is already gone
  }

  /** Ends the browser as a person does, waiting for it to write what it has. */
  async quit() {
    const session = await this.browser.newBrowserCDPSession();
    await session.send('Browser.close').catch(() => {}); // the answer may be lost with the connection
    await this.process.ended;
    await this.browser.close().catch(() => {});
  }

  async remove() {
    await this.kill();
    await this.folder.remove();
  }
}

