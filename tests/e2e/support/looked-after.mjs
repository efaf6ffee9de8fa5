import { expect } from '@playwright/test';
import { OfficeApp } from './office-app.mjs';

/** Goes to a place of the office's, on a phone through *Plus*. */
export async function openPlace(app, place) {
  const link = app.id(`nav-${place}`);
  if (await link.isVisible()) return link.click();
  await app.go('more');
  await app.id(`more-${place}`).click();
}

/** Somebody at the office, signed in on a desk of a size. */
export async function atTheDesk(scene, office, person, viewport) {
  const app = new OfficeApp(await scene.desk(office.url, { viewport }));
  await app.page.goto('/');
  await app.signIn(person);
  return app;
}

/** The card of a device, opened. */
export async function deviceCard(app, label) {
  const card = app.page.locator(`[data-testid="device"][data-label="${label}"]`);
  await expect(card).toBeVisible();
  if ((await card.getAttribute('open')) === null) await card.locator('summary').click();
  return card;
}

/** Says why in the sheet, and confirms. */
export async function decide(app, reason) {
  if (reason) await app.id('decide-reason').fill(reason);
  await app.id('decide-confirm').click();
  await expect(app.page.locator('dialog[open]')).toHaveCount(0);
}
