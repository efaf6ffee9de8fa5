import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../e2e/support/paths.mjs';

export const median = (runs) => [...runs].sort((a, b) => a - b)[Math.floor(runs.length / 2)];

const shown = (runs) => (runs.length === 0 ? '–' : `${Math.round(median(runs))} (${Math.round(Math.min(...runs))}–${Math.round(Math.max(...runs))})`);

/** A figure beside its floor, in milliseconds: at most `most` times as long. */
export function beside({ what, runs, floor, most }) {
  const ratio = median(runs) / median(floor);
  return { what, unit: 'ms', runs, floor, verdict: `${ratio.toFixed(2)} × the floor (at most ${most.toFixed(2)})`, good: ratio <= most };
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
