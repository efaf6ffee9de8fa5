// How a figure beside its floor is judged. Run by `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beside, median, medianInterval } from './report.mjs';

/** Numbers between 0 and 1, the same each time. */
function* numbers(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('the interval leaves as many values outside as chance allows', () => {
  const upTo = (length) => Array.from({ length }, (_, at) => length - at);
  // Of a fair coin: none or all of five in 6 %, at most three or at least twelve of fifteen in 4 %, one more in 12 %.
  assert.deepEqual(medianInterval([7]), [7, 7]);
  assert.deepEqual(medianInterval(upTo(5)), [1, 5]);
  assert.deepEqual(medianInterval(upTo(15)), [4, 12]);
  assert.deepEqual(medianInterval(upTo(21)), [7, 15]);
});

test('it holds the true median as often as it says, however lopsided the values', () => {
  const source = numbers(7);
  const next = () => source.next().value;
  // Half of all are below ln 2.
  const value = () => -Math.log(1 - next());
  for (const length of [5, 15, 21]) {
    let held = 0;
    for (let trial = 0; trial < 2_000; trial++) {
      const [low, high] = medianInterval(Array.from({ length }, value));
      held += low <= Math.LN2 && Math.LN2 <= high ? 1 : 0;
    }
    assert.ok(held >= 1_780, `${held} of 2,000 with ${length} values`);
  }
});

test('over the budget is what is so with its whole interval, whatever one run says', () => {
  const floor = Array.from({ length: 15 }, (_, run) => 100 + run);
  const timesTheFloor = (ratios) => floor.map((ms, run) => ms * ratios[run % ratios.length]);
  const judged = (ratios, most) => beside({ what: 'a row', runs: timesTheFloor(ratios), floor, most });
  assert.equal(judged([1.2], 1).good, false);
  assert.equal(judged([0.8], 1).good, true);
  assert.doesNotMatch(judged([0.8], 1).verdict, /not to be told/);
  assert.equal(judged([0.9, 1.1, 1.2], 1).good, true);
  assert.match(judged([0.9, 1.1, 1.2], 1).verdict, /not to be told/);
  // One run beside a busy neighbour.
  const disturbed = timesTheFloor([0.9]);
  disturbed[3] *= 10;
  assert.equal(beside({ what: 'a row', runs: disturbed, floor, most: 1 }).good, true);
  assert.equal(median([3, 1, 2]), 2);
});
