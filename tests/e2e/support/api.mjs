/** The office's HTTP interface as a program uses it: with its own session, outside any browser. */
export class Api {
  constructor(base) {
    this.base = base;
    this.cookie = undefined;
  }

  static async signIn(base, { login, password }) {
    const api = new Api(base);
    Object.assign(api, await api.json('POST', '/session', { login, password }));
    return api;
  }

  /** The raw answer; `body` goes as JSON, or as it is when it is a FormData, a string or bytes. */
  async request(method, path, body, headers = {}) {
    const raw = body === undefined || body instanceof FormData || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      body: raw ? body : JSON.stringify(body),
      headers: { ...(raw ? {} : { 'content-type': 'application/json' }), ...(this.cookie ? { cookie: this.cookie } : {}), ...headers },
      redirect: 'manual',
    });
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith('__Host-tournee='));
    if (cookie) this.cookie = cookie.split(';', 1)[0];
    return response;
  }

  /** The answer's JSON; throws on anything but success. */
  async json(method, path, body) {
    const response = await this.request(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Everything the office has received, newest first. */
  async activity() {
    const entries = [];
    for (let before; ; ) {
      const page = await this.json('GET', `/activity?limit=100${before === undefined ? '' : `&before=${before}`}`);
      entries.push(...page.entries);
      if (!page.more || page.entries.length === 0) return entries;
      before = page.entries.at(-1).server_seq;
    }
  }
}
