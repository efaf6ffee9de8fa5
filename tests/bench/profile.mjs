import { Device } from '../e2e/support/browser.mjs';
import { FieldApp } from '../e2e/support/app.mjs';
import { PHONE } from '../e2e/support/viewports.mjs';
import { probe } from './probe.mjs';
import { slow } from './stage.mjs';

const ENDED_WITHIN_MS = 5000;
/** A process ends a moment after the last that ran in it. */
const PROCESS_GONE_MS = 300;

/** A phone whose storage lies on the disk and lasts: prepared once, then visited in page after page. */
export class Profile {
  /** The app, installed by whoever signs in, with everything the office has for them. */
  static async installed(stage, login) {
    const profile = await Profile.#create(stage);
    await profile.visit({}, async (page) => {
      await page.goto(stage.office.url);
      const app = new FieldApp(page);
      await app.signIn({ login, password: stage.password });
      await app.readyOffline();
      await app.upToDate();
    });
    return profile;
  }

  /** Nothing yet; what `prepare(page)` stores on a page of `floors/` stays. */
  static async bare(stage, floor, prepare = () => {}) {
    const profile = await Profile.#create(stage);
    await profile.visit({}, async (page) => {
      await stage.openFloor(page, floor);
      await prepare(page);
    });
    return profile;
  }

  static async #create(stage) {
    const device = await Device.create({ viewport: PHONE });
    const profile = new Profile(device);
    stage.closers.push(() => device.remove());
    return profile;
  }

  constructor(device) {
    this.device = device;
  }

  /** Runs `visit(page)` on a new page, with the processor slowed so many times, and closes it. */
  async visit({ slowed = 1 }, visit) {
    const page = await this.device.newPage();
    try {
      await page.addInitScript(probe);
      await slow(page, slowed);
      return await visit(page);
    } finally {
      await page.close();
    }
  }

  /** The service workers that run. */
  async workers() {
    const session = await this.device.browser.newBrowserCDPSession();
    const { targetInfos } = await session.send('Target.getTargets');
    await session.detach();
    return targetInfos.filter(({ type }) => type === 'service_worker');
  }

  /** Ends them, as the browser does when they have been idle for a while, and what their process holds with them. */
  async endWorkers() {
    const session = await this.device.browser.newBrowserCDPSession();
    for (const { targetId } of await this.workers()) await session.send('Target.closeTarget', { targetId });
    await session.detach();
    const until = performance.now() + ENDED_WITHIN_MS;
    while ((await this.workers()).length > 0) {
      if (performance.now() > until) throw new Error('the service worker does not end');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, PROCESS_GONE_MS));
  }

  /** Ends the browser as a person does, and opens it again on what it had stored. */
  async restart() {
    await this.device.quit();
    await this.device.open();
  }
}
