/**
 * Listens to what pages complain about: console errors, uncaught exceptions, violations of the Content-Security-Policy
 * (Chromium writes those to the console too). A test ends by `check()`, which throws when anything was not expected.
 */

/** What the browser itself logs although all is well; the reason beside each. */
const ALWAYS_EXPECTED = [
  // Nobody is signed in yet: the app asks and is told so.
  { url: /\/api\/v1\/session$/, text: /status of 401/ },
  // The app asks whether the office has a photo already; 404 is « not yet » (CONTRACT, blobs).
  { url: /\/api\/v1\/blobs\//, text: /status of 404/ },
];

export class Watch {
  constructor() {
    this.complaints = [];
    this.expected = [...ALWAYS_EXPECTED];
  }

  /** From now on, complaints that match are part of the test: a cut network, a refused file. */
  expect(text, url = /.*/) {
    this.expected.push({ text, url });
  }

  /** While the network is cut, the browser logs every request that fails. */
  expectNetworkFailures() {
    this.expect(/net::ERR_|Failed to fetch|NetworkError|ERR_CONNECTION/);
  }

  page(page) {
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.#note(message.text(), message.location().url || page.url());
    });
    page.on('pageerror', (error) => this.#note(`uncaught ${error.stack ?? error}`, page.url()));
    page.on('crash', () => this.#note('the page crashed', page.url()));
  }

  /** Every page of a context or device, present and to come. */
  context(context) {
    context.on('page', (page) => this.page(page));
    for (const page of context.pages()) this.page(page);
  }

  check() {
    const complaints = this.complaints.splice(0);
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join('\n')}`);
  }

  #note(text, url) {
    const known = this.expected.some((one) => one.text.test(text) && one.url.test(url));
    if (!known) this.complaints.push(`${text} (${url})`);
  }
}
