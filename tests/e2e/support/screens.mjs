import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { SCREENS } from './paths.mjs';

/** A title in less room than this stands letter under letter. */
const TITLE_WIDTH_MIN_PX = 110;

/**
 * Takes a picture of the page as a person sees it, for people to look at: test-results/screens/<project>/<name>.png.
 * The same moment checks what no picture may show: a page wider than its screen, or an amount cut short.
 */
export async function shoot(page, project, name) {
  const folder = join(SCREENS, project);
  await mkdir(folder, { recursive: true });
  await settled(page);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
  // The story goes on: one run shows every fault.
  expect.soft(await misfits(page), `screen « ${name} »`).toEqual([]);
}

/** The program runs, and nothing on the page says that it is still waiting. */
export async function settled(page) {
  await expect(page.locator('#shell')).toHaveCount(0);
  await expect(page.locator('main')).toBeVisible();
  await expect(page.locator('.spinner').filter({ visible: true })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

/** What does not fit: horizontal overflow of the page; amounts, titles and buttons cut short, cut off or squeezed. */
export function misfits(page) {
  return page.evaluate((TITLE_WIDTH_MIN_PX) => {
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
    for (const element of document.querySelectorAll('.num, h1, button, .btn')) {
      const box = element.getBoundingClientRect();
      if (box.width <= 1 || !element.checkVisibility()) continue; // not shown, or for screen readers alone
      if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth) found.push(`cut short: ${describe(element)}`);
      // What a parent cuts off; regions made to scroll sideways are meant so.
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        const sideways = getComputedStyle(parent).overflowX;
        if (sideways === 'auto' && parent.matches('.table-scroll, .filters')) break;
        if (sideways !== 'visible' && box.right > parent.getBoundingClientRect().right + 1) {
          found.push(`cut off by ${parent.tagName.toLowerCase()}.${parent.className}: ${describe(element)}`);
          break;
        }
      }
    }
    for (const title of document.querySelectorAll('h1')) {
      if (title.clientWidth > 1 && title.clientWidth < TITLE_WIDTH_MIN_PX) found.push(`squeezed: ${describe(title)}`);
    }
    return found.slice(0, 12);
  }, TITLE_WIDTH_MIN_PX);
}
