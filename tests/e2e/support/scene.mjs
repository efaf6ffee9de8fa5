import { mkdir } from 'node:fs/promises';
import { chromium, test as base } from '@playwright/test';
import { CHROMIUM, CHROMIUM_FLAGS, Device } from './browser.mjs';
import { Network } from './network.mjs';
import { Office } from './office.mjs';
import { temporaryFolder } from './paths.mjs';
import { DESK } from './viewports.mjs';
import { Watch } from './watch.mjs';

/** What a story needs around it; everything made here is ended and removed by `close`. */
export class Scene {
  constructor() {
    this.watch = new Watch();
    this.closers = [];
    this.contexts = [];
    this.desks = undefined;
  }

  /** A running server with no data of a customer yet. */
  async office() {
    const office = await Office.create();
    this.closers.push(() => office.remove());
    return office;
  }

  /** The road to it. */
  async network(office) {
    const network = await Network.to(office.port);
    this.closers.push(() => network.cut());
    return network;
  }

  /** A collector's phone or tablet. */
  async device(viewport, locale) {
    const device = await Device.create({ viewport, locale });
    device.onPage = (page) => this.watch.page(page);
    this.closers.push(() => device.remove());
    this.contexts.push(() => device.context);
    return device;
  }

  /** Somebody at the office: a browser session of their own, which need not survive. */
  async desk(baseURL, { viewport = DESK, ...options } = {}) {
    if (!this.desks) {
      this.desks = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
      this.closers.push(() => this.desks.close());
    }
    const context = await this.desks.newContext({ viewport, baseURL, locale: 'fr-FR', timezoneId: 'Africa/Niamey', acceptDownloads: true, ...options });
    context.setDefaultTimeout(15_000);
    this.watch.context(context);
    this.contexts.push(() => context);
    return context.newPage();
  }

  /** A folder for files of the story. */
  async folder() {
    const folder = await temporaryFolder('files');
    this.closers.push(folder.remove);
    return folder.path;
  }

  /** What every open page shows, for whoever looks into a failure. */
  async picture(testInfo) {
    await mkdir(testInfo.outputDir, { recursive: true });
    let n = 0;
    for (const context of this.contexts) {
      for (const page of context()?.pages() ?? []) {
        const path = testInfo.outputPath(`at-failure-${++n}.png`);
        // A page that hangs or has crashed has no picture; the failure itself is what counts.
        await page.screenshot({ path, timeout: 5000, fullPage: true }).catch(() => {});
      }
    }
  }

  async close() {
    for (const closer of this.closers.reverse()) await closer();
    this.closers = [];
  }
}

export { expect } from '@playwright/test';

/** A story with a scene of its own. */
export const test = base.extend({
  scene: async ({}, use, testInfo) => {
    const scene = new Scene();
    try {
      await use(scene);
      scene.watch.check();
    } finally {
      if (testInfo.status !== testInfo.expectedStatus) await scene.picture(testInfo);
      await scene.close();
    }
  },
});
