import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../e2e/support/paths.mjs';

/** The value that a `part` of all are below: 0.5 for the median. */
export const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

export const median = (values) => quantile(values, 0.5);

/** As many digits as say something. */
const number = (value) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

const shown = (runs) => (runs.length === 0 ? '–' : `${number(median(runs))} (${number(Math.min(...runs))}–${number(Math.max(...runs))})`);

/** How sure an interval is that holds the true median, at least. */
const SURE = 0.9;

/**
 * Between which two of the sorted values the true median lies (the sign test's interval, by the binomial distribution): a
 * neighbour on the machine moves single values, not this.
 */
export function medianInterval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  let [outside, ways, cut] = [0, 1, 0];
  for (let below = 0; below < length / 2; below++) {
    outside += (2 * ways) / 2 ** length;
    if (1 - outside < SURE) break;
    cut = below;
    ways = (ways * (length - below)) / (below + 1);
  }
  return [sorted[cut], sorted[length - 1 - cut]];
}

/**
 * A figure beside its floor, in milliseconds, the runs of both made in turn: at most `most` times as long, or as long as it
 * takes. What counts is the median of each run's ratio to the run of the floor before it; over the budget is what is so
 * with its whole interval.
 */
export function beside({ what, runs, floor, most = Infinity }) {
  const ratios = runs.map((run, at) => run / floor[at]);
  const [low, high] = medianInterval(ratios);
  const limit = most === Infinity ? 'no budget' : `at most ${most.toFixed(2)}`;
  const close = low <= most && high > most ? ', not to be told from it' : '';
  const verdict = `${median(ratios).toFixed(2)} × the floor (${low.toFixed(2)}–${high.toFixed(2)}; ${limit}${close})`;
  return { what, unit: 'ms', runs, floor, verdict, good: low <= most };
}

/** A figure in milliseconds with a budget of its own; the floor of the same run says how fast the machine was. */
export function within({ what, runs, floor = [], most = Infinity }) {
  const limit = most === Infinity ? 'no budget' : `at most ${number(most)} ms`;
  return { what, unit: 'ms', runs, floor, verdict: `${number(median(runs))} ms (${limit})`, good: median(runs) <= most };
}

/** A figure beside the `first` of a series: at most `most` times it. */
export function times({ what, unit, runs, first, most = Infinity }) {
  const ratio = median(runs) / median(first);
  const limit = most === Infinity ? 'no budget' : `at most ${most.toFixed(1)}`;
  return { what, unit, runs, floor: first, verdict: `${ratio.toFixed(2)} × the first (${limit})`, good: ratio <= most };
}

/** Prints the table, writes `target/bench/<name>.json`, and says whether every row keeps its budget. */
export async function report(name, rows) {
  console.log('\n| what | unit | median (min–max) | floor | verdict |\n|---|---|---:|---:|---|');
  for (const { what, unit, runs, floor, verdict, good } of rows) {
    console.log(`| ${what} | ${unit} | ${shown(runs)} | ${shown(floor)} | ${verdict}${good ? '' : ' **over budget**'} |`);
  }
  const folder = join(ROOT, 'target', 'bench');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), JSON.stringify(rows, null, 2));
  return rows.every(({ good }) => good);
}
