/*
 * Registers the service worker (sw.js) and tells the program about versions.
 *
 * window.tourneeUpdate
 *   .ready      true when a newer version waits for the user's word
 *   .precached  true when everything needed offline is on this device
 *   .build      the build this page came from, once known
 *   .check()    asks the office for a newer version; resolves to `.ready`; never rejects
 *   .activate() switches to the newer version and reloads. Call it only on the user's word,
 *               and never while a form is open.
 * Events on window: `tournee:update-ready`, `tournee:offline-ready`, `tournee:install-failed`.
 */

/** A page left open looks for a newer version at most this often by itself. */
const CHECK_EVERY_MS = 60 * 60 * 1000;
/** Longest wait for the service worker to name its build. */
const ANSWER_WITHIN_MS = 5000;

const container = navigator.serviceWorker;
let registration;
let checkedAt = 0;
let reloadWanted = false;
let replacedByOtherTab = false;

const update = (window.tourneeUpdate = {
  ready: false,
  precached: false,
  build: undefined,
  check,
  activate,
});

function say(name) {
  dispatchEvent(new CustomEvent(name));
}

function announceReady() {
  if (update.ready) return;
  update.ready = true;
  say('tournee:update-ready');
}

async function check() {
  checkedAt = performance.now();
  try {
    // Without a registration the first attempt failed: begin again.
    if (registration?.active || registration?.installing) await registration.update();
    else await register();
  } catch {
    // No network, or a portal's page in place of sw.js: the present version goes on.
  }
  return update.ready;
}

function activate() {
  if (replacedByOtherTab || !registration?.waiting) {
    location.reload();
    return;
  }
  reloadWanted = true;
  registration.waiting.postMessage({ type: 'activate' });
}

/** Follows a worker that is being installed to its end. */
function follow(worker) {
  if (!worker) return;
  worker.addEventListener('statechange', () => {
    if (worker.state === 'installed' && registration.active) announceReady();
    if (worker.state === 'redundant' && !registration.active) say('tournee:install-failed');
  });
}

/** Asks the worker in charge which build it serves. */
function askBuild(worker) {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    const timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
    channel.port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      resolve(data.build);
    };
    worker.postMessage({ type: 'version' }, [channel.port2]);
  });
}

async function register() {
  registration = await container.register('/sw.js', { scope: '/', type: 'classic', updateViaCache: 'none' });
  registration.addEventListener('updatefound', () => follow(registration.installing));
  follow(registration.installing);
  if (registration.waiting && registration.active) announceReady();
}

async function begin() {
  const controlledFromTheStart = Boolean(container.controller);
  container.addEventListener('controllerchange', () => {
    if (reloadWanted) {
      location.reload();
    } else if (controlledFromTheStart) {
      // Another tab accepted the new version. This one keeps its page until its user agrees.
      replacedByOtherTab = true;
      announceReady();
    }
  });

  container.ready.then(async ({ active }) => {
    update.precached = true; // a worker becomes active only after its whole list is stored
    say('tournee:offline-ready');
    update.build = await askBuild(active);
    active.postMessage({ type: 'tidy' });
  });

  addEventListener('online', check);
  document.addEventListener('visibilitychange', () => {
    const due = performance.now() - checkedAt > CHECK_EVERY_MS;
    if (document.visibilityState === 'visible' && due) check();
  });

  checkedAt = performance.now();
  try {
    await register();
  } catch (error) {
    console.warn('service worker', error);
    if (!container.controller) say('tournee:install-failed');
  }
}

// The first start gives the network to the program itself before the copy for offline work.
if (container) {
  if (container.controller || document.readyState === 'complete') begin();
  else addEventListener('load', begin, { once: true });
}
