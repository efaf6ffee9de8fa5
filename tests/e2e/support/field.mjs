import { FieldApp } from './app.mjs';
import { PHONE } from './viewports.mjs';

/** A collector in the field: a device on a road that can be cut, and the app on it. */
export class Field {
  /**
   * Signs in and takes the portfolio along; from then on a failing network is part of the story. `before` runs in each
   * page before the app does, until the browser ends.
   */
  static async begin(scene, office, collector, { viewport = PHONE, locale, before } = {}) {
    const field = new Field(await scene.network(office), await scene.device(viewport, locale), collector);
    if (before) await field.device.context.addInitScript(before);
    await field.openApp();
    await field.app.signIn(collector);
    await field.app.readyOffline();
    await field.app.upToDate();
    scene.watch.expectNetworkFailures();
    // Chromium writes cookies late: after a kill the session may be gone, the work is not.
    scene.watch.expect(/status of 401/);
    return field;
  }

  constructor(network, device, collector) {
    this.network = network;
    this.device = device;
    this.collector = collector;
    this.page = undefined;
    this.app = undefined;
  }

  /** The app in a new tab. */
  async openApp() {
    this.page = await this.device.newPage(this.network.url);
    this.app = new FieldApp(this.page);
  }

  /** Kills the browser at once, starts it again on what it had stored, and goes on. */
  async pullTheBattery() {
    await this.device.kill();
    await this.device.open();
    await this.openApp();
    await this.app.comeBack(this.collector);
  }

  async goOffline() {
    await this.network.cut();
    await this.device.setOffline(true);
  }

  async goOnline() {
    await this.network.heal();
    await this.device.setOffline(false);
  }

  /** Takes cash from a client; resolves with the receipt's number when it is on the screen. */
  async takeCash(client, amount) {
    await this.app.openClient(client);
    await this.app.fillPayment({ amount });
    return this.app.confirmPayment();
  }

  /** Goes to the sync page and exchanges until nothing waits. */
  async syncAll() {
    await this.app.openSync();
    await this.page.getByTestId('sync-now').click();
    await this.app.nothingWaits();
  }
}
