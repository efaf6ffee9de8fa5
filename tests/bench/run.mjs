// Figures of the whole product in a real browser, each beside a bare page that does the same work: see README.md.
import { confirm } from './confirm.mjs';
import { firstSync } from './first-sync.mjs';
import { growth } from './growth.mjs';
import { reopen } from './reopen.mjs';
import { report } from './report.mjs';
import { scroll } from './scroll.mjs';
import { search } from './search.mjs';
import { tap } from './tap.mjs';

const BENCHES = { 'first-sync': firstSync, reopen, confirm, search, tap, scroll, growth };

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  console.error(`no bench is called ${unknown}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const rows = [];
let measured = true;
for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
  try {
    rows.push(...(await BENCHES[name]()));
  } catch (error) {
    // What the others measured is reported all the same.
    console.error(`${name} could not be measured:`, error);
    measured = false;
  }
}
process.exitCode = (await report('browser', rows)) && measured ? 0 : 1;
