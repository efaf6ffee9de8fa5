import { createServer, connect } from 'node:net';

const PORTAL_PAGE = '<!doctype html><title>Wi-Fi</title><h1>Bienvenue ! Acceptez les conditions pour continuer.</h1>';

const isPush = (chunk) => chunk.toString('latin1').startsWith('POST /api/v1/push ');

/** The same bytes in number: the policy's hashes are of a kind that no browser knows. */
const withoutHashes = (chunk) => Buffer.from(chunk.toString('latin1').replaceAll(/'sha256-(?=[^\r]*\r\n)/g, "'none---"), 'latin1');

/**
 * The road between a browser and the office: a TCP proxy that can be cut, slowed, taken over by a captive portal, or
 * made to break off answers or pushes. `setOffline` of the browser would not reach its service worker (DESIGN §4).
 */
export class Network {
  static async to(port) {
    const network = new Network(port);
    await network.#listen();
    return network;
  }

  constructor(target) {
    this.target = target;
    /** `open`, `portal` (HTML and 200 to everything), or `truncate` (answers end after `truncateAfter_bytes`). */
    this.mode = 'open';
    this.truncateAfter_bytes = 0;
    this.delay_ms = 0;
    /** Pushes are reset after so many bytes of the request; `undefined` lets them pass, and everything else passes. */
    this.breakPushAfter_bytes = undefined;
    this.pushesBroken = 0;
    /** Answers come with no word of the page's own script in their policy, as of a server older than the page. */
    this.olderOffice = false;
    /** Request lines of plain requests that the portal answered, for assertions. */
    this.portalAnswered = [];
    this.sockets = new Set();
    this.server = undefined;
    this.port = 0;
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  /** Nobody listens any more and every open connection is reset, as when the signal is lost. */
  async cut() {
    for (const socket of this.sockets) socket.resetAndDestroy();
    if (!this.server) return;
    const { server } = this;
    this.server = undefined;
    await new Promise((resolve) => server.close(resolve));
  }

  /** The network is back, on the same address. */
  async heal() {
    this.mode = 'open';
    this.delay_ms = 0;
    this.breakPushAfter_bytes = undefined;
    if (!this.server) await this.#listen();
  }

  /** Every request is answered 200 by a page that is not the office's. */
  async captivePortal() {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.mode = 'portal';
    if (!this.server) await this.#listen();
  }

  async #listen() {
    this.server = createServer((client) => this.#serve(client));
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = this.server.address().port;
  }

  #serve(client) {
    this.#keep(client);
    if (this.mode === 'portal') this.#answerAsPortal(client);
    else this.#passOn(client);
  }

  #keep(socket) {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy()); // a reset is what these tests are about
    socket.once('close', () => this.sockets.delete(socket));
  }

  #answerAsPortal(client) {
    client.once('data', (chunk) => {
      this.portalAnswered.push(chunk.toString('latin1').split('\r\n', 1)[0]);
      client.end(
        'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n' +
          `Content-Length: ${Buffer.byteLength(PORTAL_PAGE)}\r\n\r\n${PORTAL_PAGE}`,
      );
    });
  }

  #passOn(client) {
    const office = connect(this.target, '127.0.0.1');
    this.#keep(office);
    client.once('close', () => office.destroy());
    office.once('close', () => client.end());
    let passed_bytes = 0;
    let ofPush_bytes; // of the request under way, when it is a push
    client.on('data', (chunk) => {
      // A browser sends the next request of a connection only after the answer: each begins with its own piece.
      if (/^[A-Z]+ \/\S* HTTP\/1\.1\r\n/.test(chunk.toString('latin1'))) ofPush_bytes = isPush(chunk) ? 0 : undefined;
      if (this.breakPushAfter_bytes === undefined || ofPush_bytes === undefined) return this.#later(() => office.write(chunk));
      const left = this.breakPushAfter_bytes - ofPush_bytes;
      ofPush_bytes += chunk.length;
      if (left > 0) office.write(chunk.subarray(0, left));
      if (ofPush_bytes < this.breakPushAfter_bytes) return;
      this.pushesBroken += 1;
      client.resetAndDestroy();
    });
    office.on('data', (chunk) =>
      this.#later(() => {
        passed_bytes += chunk.length;
        if (this.mode === 'truncate' && passed_bytes > this.truncateAfter_bytes) client.resetAndDestroy();
        else client.write(this.olderOffice ? withoutHashes(chunk) : chunk);
      }),
    );
  }

  #later(action) {
    if (this.delay_ms > 0) setTimeout(action, this.delay_ms);
    else action();
  }
}
