import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ASSETS, ROOT, temporaryFolder } from './paths.mjs';
import { run, startGroup } from './process.mjs';

/** The server under test; a debug build may stand in while developing. */
export const SERVER = process.env.TOURNEE_SERVER_BIN ?? join(ROOT, 'target', 'release', 'tournee-server');
const READY_WITHIN_MS = 20_000;
const PROBE_EVERY_MS = 25;

/** A port nobody listens on now. */
async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A real server on data of its own, which can be stopped, killed and started again. */
export class Office {
  /** Prepares an empty data folder; nothing runs yet. */
  static async create() {
    for (const [what, path] of [['server', SERVER], ['app', join(ASSETS, 'index.html')]]) {
      if (!existsSync(path)) throw new Error(`the ${what} is not built: ${path} is missing (cargo xtask build)`);
    }
    const folder = await temporaryFolder('office');
    return new Office(folder, await freePort());
  }

  constructor(folder, port) {
    this.folder = folder;
    this.data = join(folder.path, 'data');
    this.port = port;
    this.process = undefined;
  }

  /** Straight to the server, past any proxy. */
  get url() {
    return `http://localhost:${this.port}`;
  }

  /** Serves `assets`, the built app unless a story has a build of its own. */
  async start({ assets = ASSETS } = {}) {
    this.process = startGroup(SERVER, ['serve', '--data', this.data, '--assets', assets, '--listen', `127.0.0.1:${this.port}`]);
    let over;
    this.process.ended.then((how) => (over = how));
    const until = performance.now() + READY_WITHIN_MS;
    for (;;) {
      if (over !== undefined) throw new Error(`the server ended at once (${over}):\n${this.process.output()}`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (answer?.ok) return this;
      if (performance.now() > until) throw new Error(`the server is not ready:\n${this.process.output()}`);
      await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
    }
  }

  /** As an operator stops it: the server ends by itself, and well. */
  async stop() {
    if (!this.process) return;
    this.process.signal('SIGTERM');
    const how = await this.process.ended;
    const { output } = this.process;
    this.process = undefined;
    if (how !== 0) throw new Error(`the server did not end well on SIGTERM (${how}):\n${output()}`);
  }

  /** As a power cut stops it. */
  async kill() {
    if (!this.process) return;
    this.process.signal('SIGKILL');
    await this.process.ended;
    this.process = undefined;
  }

  /** Ends everything and removes the data. */
  async remove() {
    await this.kill();
    await this.folder.remove();
  }

  /** Runs the server's command line on this data; `--json` output is parsed. */
  async command(...args) {
    const { stdout } = await run(SERVER, [...args, '--data', this.data]);
    return args.includes('--json') ? JSON.parse(stdout) : stdout;
  }

  /** Checks an exported journal without the data; throws when a line is broken. */
  async verify(journal) {
    await run(SERVER, ['verify-journal', journal]);
  }

  /** An organisation without data, and these accounts in it: `{login, name, role, portfolios?, agency?}`. */
  async establish(people) {
    await this.command('organisation', 'create', '--name', ORGANISATION);
    for (const { login, name, role, portfolios = [], agency = 'NIA' } of people) {
      const args = ['user', 'add', login, '--name', name, '--role', role, '--agency', agency, '--password-stdin'];
      if (portfolios.length > 0) args.push('--portfolios', portfolios.join(','));
      await run(SERVER, [...args, '--data', this.data], { input: PASSWORD });
    }
  }
}

/** One password for everybody: the stories are not about guessing it. */
export const PASSWORD = 'tournee-e2e';
export const ORGANISATION = 'Sahel Équipements SA';
