import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { SCREENS } from './paths.mjs';

/**
 * Takes a picture of the page as a person sees it, for people to look at: test-results/screens/<project>/<name>.png.
 * The same moment checks what no picture may show: a page wider than its screen, or an amount cut short.
 */
export async function shoot(page, project, name) {
  const folder = join(SCREENS, project);
  await mkdir(folder, { recursive: true });
  await settled(page);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
  await expectFits(page, name);
}

/** The program runs, and nothing on the page says that it is still waiting. */
export async function settled(page) {
  await expect(page.locator('#shell')).toHaveCount(0);
  await expect(page.locator('main')).toBeVisible();
  await expect(page.locator('.spinner').filter({ visible: true })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

/** No horizontal overflow of the page, no truncated amount. */
export async function expectFits(page, name) {
  const faults = await page.evaluate(() => {
    const describe = (element) => `${element.tagName.toLowerCase()}.${element.className} « ${element.textContent.trim().slice(0, 40)} »`;
    const found = [];
    const root = document.scrollingElement;
    if (root.scrollWidth > root.clientWidth) {
      found.push(`the page is ${root.scrollWidth} px wide on a screen of ${root.clientWidth}`);
      for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (box.right > root.clientWidth + 1 && box.width > 0) found.push(`sticks out: ${describe(element)}`);
      }
    }
    for (const element of document.querySelectorAll('.num')) {
      if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth) found.push(`cut short: ${describe(element)}`);
    }
    return found.slice(0, 8);
  });
  // The story goes on: one run shows every fault.
  expect.soft(faults, `screen « ${name} »`).toEqual([]);
}
