import { FieldApp } from '../e2e/support/app.mjs';
import { Profile } from './profile.mjs';
import { beside, median } from './report.mjs';
import { LOGIN, RUNS, Stage } from './stage.mjs';

const CLIENTS = 1000;

/** Payments of one run. */
const PAYMENTS = 6;

const AMOUNT = 1000;

/** From the tap on « confirm » to the payment read back from the disk, and to its receipt's number on the page. */
export async function confirm() {
  const stage = await Stage.create(CLIENTS);
  try {
    const app = await Profile.installed(stage, LOGIN);
    const floor = await Profile.bare(stage, 'confirm');
    const runs = { app: [], floor: [] };
    for (let run = 0; run < RUNS; run++) {
      const told = await app.visit({}, (page) => payments(page, stage));
      runs.app.push(told.times);
      runs.floor.push(await floor.visit({}, (page) => bare(page, stage, told.writes)));
    }
    const row = (what, most, figure) => beside({ what: `confirm a payment: ${what}`, most, runs: runs.app.map(figure), floor: runs.floor.map(figure) });
    const later = (times, moment) => median(times.slice(1).map((one) => one[moment]));
    return [
      row('tap to durable and read back', 1.3, (times) => later(times, 'durable')),
      row('tap to the receipt’s number on the page', undefined, (times) => later(times, 'shown')),
      row('the first after opening, tap to durable', undefined, ([first]) => first.durable),
      row('the first after opening, tap to the receipt’s number', undefined, ([first]) => first.shown),
    ];
  } finally {
    await stage.close();
  }
}

/** Takes one payment after another; gives the times of each in milliseconds, and what the last one wrote. */
export async function payments(page, stage) {
  await page.addInitScript(watchConfirm);
  await page.goto(`${stage.office.url}/clients`);
  const app = new FieldApp(page);
  const times = [];
  for (let n = 0; n < PAYMENTS; n++) {
    await app.go('clients');
    await app.id('client-row').nth(n).click();
    await app.fillPayment({ amount: AMOUNT });
    times.push(await confirmed(page));
  }
  return { times, writes: await page.evaluate(() => window.confirming.writes) };
}

async function bare(page, stage, writes) {
  await page.addInitScript(watchConfirm);
  await stage.openFloor(page, 'confirm');
  await page.waitForFunction(() => window.prepare);
  await page.evaluate((writes) => window.prepare(writes), writes);
  const times = [];
  for (let n = 0; n < PAYMENTS; n++) {
    times.push(await confirmed(page));
    await page.evaluate(() => document.querySelector('p').replaceChildren());
  }
  return times;
}

async function confirmed(page) {
  await page.evaluate(() => window.confirming.begin());
  await page.getByTestId('pay-confirm').click();
  return page.evaluate(() => window.confirming.done);
}

/** Runs in both pages: notes the tap, the end of the read that follows the strict write, and the receipt's number. */
function watchConfirm() {
  const NUMBER = /-E\d+-\d{6}/;
  const confirming = { writes: [] };
  window.confirming = confirming;
  let written = false;

  confirming.begin = () => {
    const moments = {};
    written = false;
    addEventListener('click', (event) => (moments.tap = event.timeStamp), { capture: true, once: true });
    const durable = new Promise((resolve) => (confirming.readBack = resolve));
    const shown = window.bench.there('[data-testid="receipt-number"]', ({ textContent }) => NUMBER.test(textContent));
    confirming.done = Promise.all([durable, shown.then(() => performance.now())]).then(([durable, shown]) => {
      return { durable: durable - moments.tap, shown: shown - moments.tap };
    });
  };

  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (stores, mode = 'readonly', options = {}) {
    const made = transaction.call(this, stores, mode, options);
    if (options.durability === 'strict') {
      confirming.writes = [];
      made.addEventListener('complete', () => (written = true));
    } else if (written && mode === 'readonly') {
      written = false;
      made.addEventListener('complete', () => confirming.readBack?.(performance.now()));
    }
    return made;
  };

  for (const operation of ['add', 'put', 'delete']) {
    const original = IDBObjectStore.prototype[operation];
    IDBObjectStore.prototype[operation] = function (...given) {
      const [at, value] = operation === 'delete' ? given : [given[1], given[0]];
      if (this.transaction.durability === 'strict') confirming.writes.push([operation, this.name, at, value]);
      return original.apply(this, given);
    };
  }
}
