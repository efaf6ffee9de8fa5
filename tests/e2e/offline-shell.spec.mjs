// The program itself: how it gets onto a device, starts without a network, and changes versions.
import { join } from 'node:path';
import { MANAGER, fieldOffice } from './support/field-office.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { expect, test } from './support/scene.mjs';
import { edit, programName, spoil, variantBuild } from './support/variant.mjs';
import { PHONE } from './support/viewports.mjs';

/** Waits until the program runs and its shell is gone. */
async function started(page) {
  await expect(page.locator('#shell')).toHaveCount(0);
  await expect(page.locator('#fatal')).toHaveCount(0);
  await expect(page.locator('body')).not.toBeEmpty();
}

/** The id of the build this page came from, once everything needed offline is on the device. */
async function buildOf(page) {
  await page.waitForFunction(() => window.tourneeUpdate?.precached && window.tourneeUpdate.build);
  return page.evaluate(() => window.tourneeUpdate.build);
}

const isReady = (page) => page.evaluate(() => window.tourneeUpdate.ready);
const copies = (page) => page.evaluate(() => caches.keys());

/** Looks for a newer version and waits for the offer. */
async function offered(page) {
  await page.evaluate(() => window.tourneeUpdate.check());
  await page.waitForFunction(() => window.tourneeUpdate.ready);
}

/** Accepts the newer version and waits for the page to come back. */
async function accept(page) {
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => window.tourneeUpdate.activate())]);
}

/** Looks for a newer version, which does not get onto the device: the page starts as before. */
async function refused(page) {
  const ended = page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return new Promise((resolve) => {
      registration.addEventListener('updatefound', () => {
        const worker = registration.installing;
        worker.addEventListener('statechange', () => resolve(worker.state));
      });
    });
  });
  await page.evaluate(() => window.tourneeUpdate.check());
  expect(await ended).toBe('redundant');
  expect(await isReady(page)).toBe(false);
  await page.reload();
  await started(page);
}

test('starts with the server down and the browser restarted', async ({ scene }) => {
  const office = await scene.office();
  await office.start();
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  await started(page);
  const build = await buildOf(page);
  await expect.poll(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
  scene.watch.check(); // under the policy of the real server, nothing was refused

  await office.stop();
  scene.watch.expectNetworkFailures();
  await device.quit();
  await device.open();
  const again = await device.newPage(`${office.url}/clients/C00095`);
  await started(again);
  expect(await buildOf(again)).toBe(build);
});

test('a new version is offered, waits for the word, and leaves other tabs alone', async ({ scene }) => {
  const next = await variantBuild(join(await scene.folder(), 'next'));
  const office = await scene.office();
  await office.start();
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  const build = await buildOf(page);

  scene.watch.expectNetworkFailures(); // the moment between two servers
  await office.stop();
  await office.start({ assets: next });
  await offered(page);
  await page.reload();
  await started(page);
  expect(await buildOf(page)).toBe(build);
  expect(await isReady(page)).toBe(true);

  const other = await device.newPage(office.url);
  expect(await buildOf(other)).toBe(build);
  await other.evaluate(() => (window.stillHere = true));
  await accept(page);
  expect(await buildOf(page)).not.toBe(build);
  expect(await isReady(page)).toBe(false);
  await other.waitForFunction(() => window.tourneeUpdate.ready);
  expect(await other.evaluate(() => window.stillHere)).toBe(true);
  expect(await copies(page)).toHaveLength(2); // the old page may still need its files

  await accept(other);
  await started(other);
  await other.close();
  await page.reload();
  await expect.poll(() => copies(page)).toHaveLength(1);
});

test('a page of another than the office never becomes part of the program', async ({ scene }) => {
  const folder = await scene.folder();
  const spoilt = await variantBuild(join(folder, 'spoilt'));
  await spoil(spoilt, 'unsupported.js', '<!doctype html><h1>Bienvenue !</h1>');
  const whole = await variantBuild(join(folder, 'whole'));
  const office = await scene.office();
  await office.start();
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  const build = await buildOf(page);

  scene.watch.expectNetworkFailures();
  scene.watch.expect(/not the file of build/);
  await office.stop();
  await office.start({ assets: spoilt });
  await refused(page);
  expect(await buildOf(page)).toBe(build);

  await office.stop();
  await office.start({ assets: whole });
  await offered(page);
  await accept(page);
  await started(page);
  expect(await buildOf(page)).not.toBe(build);
});

test('a page that the office would not let run never becomes part of the program', async ({ scene }) => {
  // Another page: the one on the device has come with a policy that lets it run.
  const next = await variantBuild(join(await scene.folder(), 'next'), (folder) => edit(folder, 'index.html', '</body>', '<!-- next --></body>'));
  const office = await scene.office();
  await office.start();
  const network = await scene.network(office);
  const device = await scene.device(PHONE);
  const page = await device.newPage(network.url);
  const build = await buildOf(page);

  scene.watch.expectNetworkFailures();
  scene.watch.expect(/not the file of build/);
  await office.stop();
  await office.start({ assets: next });
  network.olderOffice = true;
  await refused(page);
  expect(await buildOf(page)).toBe(build);

  network.olderOffice = false;
  await offered(page);
  await accept(page);
  await started(page);
  expect(await buildOf(page)).not.toBe(build);
});

test('the pages where a day begins come from the copy without a word of the service worker', async ({ scene }) => {
  const office = await scene.office();
  await office.start();
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  await buildOf(page);
  /** Whether the browser looked into the copy by itself for this page. */
  const byItself = async (path) => {
    await page.goto(`${office.url}${path}`);
    await started(page);
    return page.evaluate(() => performance.getEntriesByType('navigation')[0].workerCacheLookupStart > 0);
  };
  for (const path of ['/', '/clients', '/activity']) expect(await byItself(path), path).toBe(true);
  // What stands behind the address is another page, and any other place is the service worker's to answer.
  for (const path of ['/sync', '/clients?x']) expect(await byItself(path), path).toBe(false);
});

test('the emergency exit removes the service worker and its copies', async ({ scene }) => {
  const exit = await variantBuild(join(await scene.folder(), 'exit'), (folder) =>
    edit(folder, 'sw.js', 'const REMOVE_YOURSELF = false;', 'const REMOVE_YOURSELF = true;'),
  );
  const office = await scene.office();
  await office.start();
  const device = await scene.device(PHONE);
  const page = await device.newPage(office.url);
  await buildOf(page);

  scene.watch.expectNetworkFailures();
  await office.stop();
  await office.start({ assets: exit });
  await page.evaluate(() => window.tourneeUpdate.check());
  await expect.poll(() => copies(page)).toEqual([]);
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
});

test('a program that cannot start says so instead of a white page', async ({ scene }) => {
  const office = await scene.office();
  await office.start();
  const page = await scene.desk(office.url, { viewport: PHONE });
  scene.watch.expectNetworkFailures();
  scene.watch.expect(/WebAssembly|wasm/);
  await page.route(`**/${await programName()}`, (route) => route.abort());
  await page.goto('/');
  await expect(page.getByRole('alertdialog', { name: 'Tournée ne peut pas démarrer' })).toBeVisible();
  await expect(page.getByText('en sécurité')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Recharger' })).toBeFocused();

  await page.unrouteAll();
  await page.getByRole('button', { name: 'Recharger' }).click();
  await started(page);

  // The last page speaks the language chosen in the app, whatever the browser's own.
  await page.evaluate(() => {
    localStorage.setItem('tournee.language', '"en"');
    window.tourneeFatal('for the story');
  });
  await expect(page.getByRole('alertdialog', { name: 'Tournée has stopped' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Reload' })).toBeFocused();
});

test('the parts of the program: asked for again when they did not come, and there without a network', async ({ scene }) => {
  const office = await fieldOffice(scene);
  scene.watch.expectNetworkFailures();
  scene.watch.expect(/Failed to fetch|TypeError/);

  // Before anything is on the device.
  const first = await scene.desk(office.url, { viewport: PHONE, serviceWorkers: 'block' });
  const missing = first.getByTestId('part-missing');
  const again = first.getByRole('button', { name: 'Réessayer' });
  await first.route('**/{field,office}-*.wasm', (route) => route.abort());
  await first.goto('/');
  await expect(missing).toContainText('n’a pas répondu');
  await first.unrouteAll();
  await first.route('**/office-*.wasm', (route) => route.abort());
  await again.click();
  await new OfficeApp(first).signIn(MANAGER);
  await expect(missing).toContainText('n’a pas répondu');
  await first.unrouteAll();
  await again.click();
  await expect(first.getByTestId('activity-list').or(first.locator('.empty'))).toBeVisible();

  // Once all of it is.
  const later = await scene.desk(office.url, { viewport: PHONE });
  await later.goto('/');
  const manager = new OfficeApp(later);
  await manager.signIn(MANAGER);
  await manager.upToDate();
  await buildOf(later);
  await later.context().setOffline(true);
  await later.goto('/balance');
  await expect(later.getByTestId('report-row').first()).toBeVisible();
});
