import { Profile } from './profile.mjs';
import { median, quantile, within } from './report.mjs';
import { LOGIN, RUNS, Stage } from './stage.mjs';

const CLIENTS = 1000;
const SLOWED = 4;

/** A frame may take so long, or so many times what a static list takes in the same run. */
const BUDGET_MS = 50;
const BESIDE_STATIC = 1.2;

/** Pixels of one run, and a second: a quick hand. */
const DISTANCE_PX = 6_000;
const SPEED_PX = 2_400;

/** The long lists, and where they are. */
const LISTS = [
  { what: 'clients', path: '/clients', rows: 'client-row' },
  { what: 'choice of who pays', path: '/pay', rows: 'client-row' },
  { what: 'invoices of the client who has most, settled ones open', invoices: true, rows: 'invoice' },
  { what: 'aged balance, a page of 100 rows', path: '/balance', rows: 'report-row' },
  { what: 'activity', path: '/activity', rows: 'event' },
];

/** Frames while the wheel turns, with the processor slowed; floor: a static list of plain rows, as high. */
export async function scroll() {
  const stage = await Stage.create(CLIENTS);
  try {
    const app = await Profile.installed(stage, LOGIN);
    const floor = await Profile.bare(stage, 'scroll');
    const longest = (await stage.records(LOGIN)).map(({ body }) => body).reduce((a, b) => (a.invoices.length >= b.invoices.length ? a : b));
    const rows = [];
    for (const list of LISTS) {
      const runs = { app: [], floor: [] };
      for (let run = 0; run < RUNS; run++) {
        const told = await app.visit({ slowed: SLOWED }, async (page) => {
          await open(page, stage, list, longest);
          return frames(page, list.rows);
        });
        runs.app.push(told.p99);
        runs.floor.push(await floor.visit({ slowed: SLOWED }, (page) => bare(page, stage, told.height)));
      }
      const most = Math.max(BUDGET_MS, BESIDE_STATIC * median(runs.floor));
      rows.push(within({ what: `scrolling, processor slowed ${SLOWED} ×, p99 of frames: ${list.what}`, runs: runs.app, floor: runs.floor, most }));
    }
    return rows;
  } finally {
    await stage.close();
  }
}

async function open(page, stage, { path, rows, invoices }, longest) {
  await page.goto(`${stage.office.url}${path ?? `/clients/${longest.client.code}`}`);
  if (invoices) await page.locator('#panel-invoices > button[aria-expanded="false"]').click();
  await page.getByTestId(rows).first().waitFor();
}

/** A list of plain rows as high as the product's. */
async function bare(page, stage, height) {
  await stage.openFloor(page, 'scroll');
  await page.evaluate((height) => window.fill(height), height);
  return (await frames(page, 'row')).p99;
}

/** Scrolls the list that holds `rows` down and up; gives the 99th percentile of its frames and the list's height. */
async function frames(page, rows) {
  const { x, y, room, height } = await page.evaluate(async (rows) => {
    let list = document.querySelector(`[data-testid="${rows}"]`);
    const scrolls = (node) => node.scrollHeight > node.clientHeight + 1 && ['auto', 'scroll'].includes(getComputedStyle(node).overflowY);
    while (!scrolls(list)) list = list.parentElement;
    window.list = list;
    list.scrollTo(0, 0);
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 }));
    const times = (window.frameTimes = []);
    const next = (time) => (times.push(time), requestAnimationFrame(next));
    requestAnimationFrame(next);
    const { left, top, width, height } = list.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2, room: list.scrollHeight - list.clientHeight, height: list.scrollHeight };
  }, rows);
  const session = await page.context().newCDPSession(page);
  const distance = Math.min(DISTANCE_PX, room);
  for (let scrolled = 0, direction = -1; scrolled < DISTANCE_PX; scrolled += distance, direction *= -1) {
    await session.send('Input.synthesizeScrollGesture', { x, y, yDistance: direction * distance, speed: SPEED_PX, gestureSourceType: 'mouse', preventFling: true });
    const at = await page.evaluate(() => window.list.scrollTop);
    const meant = direction < 0 ? distance : 0;
    if (Math.abs(at - meant) > distance / 10) throw new Error(`scrolled to ${at} px, not to ${meant}`);
  }
  const times = await page.evaluate(() => window.frameTimes);
  return { p99: quantile(times.slice(1).map((time, n) => time - times[n]), 0.99), height };
}
