import { Device } from '../e2e/support/browser.mjs';
import { FieldApp } from '../e2e/support/app.mjs';
import { PHONE } from '../e2e/support/viewports.mjs';
import { probe } from './probe.mjs';
import { slow } from './stage.mjs';

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

  /** Ends the browser as a person does, and opens it again on what it had stored. */
  async restart() {
    await this.device.quit();
    await this.device.open();
  }
}
