export const DAY_MS = 86_400_000;

/** Moves the clock of a context's pages, present and to come, to so far from the real one; timers run as ever. */
export async function moveClock(context, by_ms) {
  await context.addInitScript(move, by_ms);
  for (const page of context.pages()) await page.evaluate(move, by_ms);
}

function move(by_ms) {
  if (!Date.real) {
    const real = Date;
    globalThis.Date = class extends real {
      static real = real;
      static moved_ms = 0;
      static now() {
        return real.now() + Date.moved_ms;
      }
      constructor(...given) {
        super(...(given.length > 0 ? given : [Date.now()]));
      }
    };
  }
  Date.moved_ms = by_ms;
}
