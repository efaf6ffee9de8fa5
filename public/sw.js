/*
 * The service worker: the app starts and works with the server down.
 *
 * Every build carries the list of all its files with the SHA-256 of their content. Installing
 * fetches each of them, checks the content, and fails as a whole when one differs: a captive
 * portal's page never gets into the cache. A new version waits until the page says
 * {type: 'activate'}, which it does only on the user's word.
 *
 * The lines between the marks are written by `cargo xtask precache`.
 */

// precache:begin
const BUILD = 'none';
const FILES = {};
// precache:end

/**
 * Emergency exit. A build with `true` here takes over at once, deletes every stored copy and
 * removes itself: the next page load comes from the server. See docs/decisions/0002-build.md.
 */
const REMOVE_YOURSELF = false;

const CACHE_PREFIX = 'tournee-build-';
const CACHE = CACHE_PREFIX + BUILD;
const FETCHES_AT_ONCE = 4;
/** Never answered from a copy: what the office says, it says itself. */
const NETWORK_ONLY = ['/api/', '/healthz'];
const APP_PAGE = '/index.html';
/** Where a day begins, and where it is spent: the same page under addresses that need no word of this script. */
const START_PAGES = ['/', '/clients', '/activity'];

self.addEventListener('install', (event) => {
  event.waitUntil(REMOVE_YOURSELF ? self.skipWaiting() : storeAllFiles());
  if (!REMOVE_YOURSELF) answerWithoutAsking(event);
});

self.addEventListener('activate', (event) => {
  event.waitUntil(REMOVE_YOURSELF ? removeEverything() : takeOver());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (REMOVE_YOURSELF || request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (NETWORK_ONLY.some((prefix) => url.pathname.startsWith(prefix))) return;
  if (request.mode === 'navigate' && !(url.pathname in FILES)) {
    event.respondWith(answer(APP_PAGE, request));
  } else if (url.pathname in FILES || isHashedName(url.pathname)) {
    event.respondWith(answer(url.pathname, request));
  }
});

self.addEventListener('message', (event) => {
  const { type } = event.data ?? {};
  if (type === 'activate') self.skipWaiting();
  if (type === 'version') event.ports[0]?.postMessage({ type: 'version', build: BUILD });
  if (type === 'tidy') event.waitUntil(deleteUnusedCopies());
});

/**
 * Browsers that can, take this build's files from its cache by themselves, without a word to this script, which need not even
 * be started for that. Of the files only those whose names no two contents share: an open page of an older build asks for
 * its own. Of the pages those where a day begins, and nothing behind their address: what the cache has not, these routes ask
 * the network for.
 */
function answerWithoutAsking(event) {
  const from = (condition) => ({ condition, source: { cacheName: CACHE } });
  const files = Object.keys(FILES).filter(isHashedName).map((pathname) => from({ urlPattern: { pathname, search: '' } }));
  const pages = START_PAGES.map((pathname) => from({ urlPattern: { pathname, search: '' }, requestMode: 'navigate' }));
  const routes = [...files, ...pages];
  // Without them every file comes through the listener for `fetch`, as in browsers that know no routes.
  if (routes.length > 0) event.addRoutes?.(routes)?.catch(() => {});
}

/** Puts every file of this build into its cache; rejects when one cannot be had as listed. */
async function storeAllFiles() {
  const cache = await caches.open(CACHE);
  const waiting = Object.entries(FILES);
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await storeFile(cache, ...next);
  };
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, worker));
  const page = await cache.match(APP_PAGE);
  for (const path of START_PAGES) await cache.put(path, page.clone());
}

/** Takes the file from an earlier build or a broken-off try if its content is the same, else from the server. */
async function storeFile(cache, path, sha256) {
  for (const source of [fromCopies, fromBrowserCache, fromServer]) {
    const response = await source(path);
    if (response?.ok && !response.redirected && mayRun(path, response) && (await digest(response.clone())) === sha256) {
      await cache.put(path, response);
      return;
    }
  }
  throw new Error(`${path}: the server's answer is not the file of build ${BUILD}`);
}

/**
 * Whether the page's own script may run under the answer's policy. A server older than the page does not name it: the copy
 * would be a page that cannot even say so.
 */
function mayRun(path, { headers }) {
  const policy = headers.get('content-security-policy');
  return path !== APP_PAGE || !policy || policy.includes("'sha256-");
}

async function fromCopies(path) {
  for (const name of await ownCacheNames()) {
    const found = await (await caches.open(name)).match(path);
    if (found) return found;
  }
  return undefined;
}

/** The page has just loaded most files: its copies are as good as any, once checked. */
const fromBrowserCache = (path) => fetch(path, { credentials: 'omit' });
const fromServer = (path) => fetch(path, { credentials: 'omit', cache: 'reload' });

async function digest(response) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** This build's copy; for a page of an older build still open, that build's; else the network. */
async function answer(path, request) {
  const own = await (await caches.open(CACHE)).match(path);
  if (own) return own;
  const older = isHashedName(path) ? await fromCopies(path) : undefined;
  return older ?? fetch(request);
}

/** Trunk's names, which no two contents share: `tournee-0123456789abcdef_bg.wasm`. */
function isHashedName(path) {
  return /-[0-9a-f]{16}(_bg)?\.[a-z0-9]+$/.test(path);
}

async function takeOver() {
  // The first install makes the open page work offline at once; later ones change nothing here,
  // since pages of the former version pass to this one by themselves.
  await self.clients.claim();
}

/** Copies of other builds go when the page that asks is the only one, and no version waits. */
async function deleteUnusedCopies() {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 1 || self.registration.waiting || self.registration.installing) return;
  const others = (await ownCacheNames()).filter((name) => name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function ownCacheNames() {
  return (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX));
}

async function removeEverything() {
  await Promise.all((await ownCacheNames()).map((name) => caches.delete(name)));
  await self.registration.unregister();
}
