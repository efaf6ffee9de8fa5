// One real server, one real Chromium: see README.md. Run by `cargo xtask test`, or alone with
// `npx playwright test --config tests/e2e`.
import { defineConfig } from '@playwright/test';
import { CHROMIUM, CHROMIUM_FLAGS } from './support/browser.mjs';
import { PHONE, TABLET } from './support/viewports.mjs';

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.{mjs,ts}',
  outputDir: 'test-results/artifacts',
  // A test here is a story of many steps; each step has its own, shorter limit.
  timeout: 240_000,
  expect: { timeout: 15_000 },
  workers: 2,
  fullyParallel: false,
  // A test that passes at the second try has found something.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  use: {
    locale: 'fr-FR',
    timezoneId: 'Africa/Niamey',
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_FLAGS },
  },
  projects: [
    { name: 'phone', use: { viewport: PHONE } },
    // The day is lived on both; what does not depend on the size of the screen runs once.
    { name: 'tablet', use: { viewport: TABLET }, testMatch: ['**/day.spec.mjs', '**/screens.spec.mjs'] },
  ],
});
