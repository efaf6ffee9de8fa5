// Figures of the whole product in a real browser, each beside a bare page that does the same work: see README.md.
import { firstSync } from './first-sync.mjs';
import { reopen } from './reopen.mjs';
import { report } from './report.mjs';

const BENCHES = { 'first-sync': firstSync, reopen };

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  console.error(`no bench is called ${unknown}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const rows = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) rows.push(...(await BENCHES[name]()));
process.exitCode = (await report('browser', rows)) ? 0 : 1;
