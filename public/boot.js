/*
 * Starts the program, and says in plain words why when it cannot.
 *
 * The first script of the page, which trunk writes into it: it runs before style and the rest of the page are read, and asks
 * for nothing to be fetched first. The server's policy names its hash.
 *
 * For the program: `window.tourneeFatal(message)` shows the last page, for its panic hook; `window.tourneeAhead` promises
 * what was asked of its databases. The program takes the shell away when it has something to show in its place
 * (src/app.rs).
 */

'use strict';

/** Where the program's two files are, as the page asks for them ahead (Trunk.toml, `pattern_script`). */
const PROGRAM = {
  wasm: document.querySelector('link[rel=preload]').href,
  js: document.querySelector('link[rel=modulepreload]').href,
};

/** After this long without a program, the shell says that it is the network which is slow. */
const SLOW_AFTER_MS = 8000;

/** So long after the program runs, versions are looked for: what they do takes the page's one thread from its first screen. */
const UPDATES_AFTER_MS = 1000;

const TEXTS = {
  fr: {
    slow: 'Le réseau est lent, le chargement continue…',
    title: 'Tournée s’est arrêtée',
    safe: 'Rechargez la page : vos données enregistrées sont en sécurité sur cet appareil.',
    cannotStart: 'Tournée ne peut pas démarrer',
    retry: 'Vérifiez le réseau, puis réessayez. Les données déjà enregistrées sur cet appareil sont en sécurité.',
    reload: 'Recharger',
    details: 'Détails pour l’assistance',
    insecure: 'Cette adresse n’est pas sûre : ouvrez Tournée par une adresse qui commence par https://.',
    missing: 'Ce navigateur est trop ancien ou en navigation privée. Installez une version récente de Chrome, Edge, Firefox ou Safari.',
  },
  en: {
    slow: 'The network is slow, still loading…',
    title: 'Tournée has stopped',
    safe: 'Reload the page: what you saved is safe on this device.',
    cannotStart: 'Tournée cannot start',
    retry: 'Check the network, then try again. What was already saved on this device is safe.',
    reload: 'Reload',
    details: 'Details for support',
    insecure: 'This address is not secure: open Tournée at an address that begins with https://.',
    missing: 'This browser is too old or in private mode. Install a recent Chrome, Edge, Firefox or Safari.',
  },
};

/** The language chosen in the app; before anything was chosen, the page's own, which is the app's default. */
function language() {
  try {
    const chosen = JSON.parse(localStorage.getItem('tournee.language'));
    if (chosen in TEXTS) return chosen;
  } catch {
    // Without storage the choice lasts as long as the page, which carries it.
  }
  return document.documentElement.lang in TEXTS ? document.documentElement.lang : 'fr';
}
const texts = () => TEXTS[language()];

/** Covers everything with a title, what is safe, a way out, and the cause for support. */
function showFatal(title, advice, cause) {
  document.getElementById('shell')?.remove();
  if (document.getElementById('fatal')) return; // the first cause is the one that matters
  const page = document.createElement('div');
  page.id = 'fatal';
  page.className = 'fatal';
  page.lang = language();
  page.setAttribute('role', 'alertdialog');
  page.setAttribute('aria-modal', 'true');
  page.setAttribute('aria-labelledby', 'fatal-title');
  page.setAttribute('aria-describedby', 'fatal-advice');

  const heading = document.createElement('h1');
  heading.id = 'fatal-title';
  heading.textContent = title;
  const paragraph = document.createElement('p');
  paragraph.id = 'fatal-advice';
  paragraph.textContent = advice;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'fatal-button';
  button.textContent = texts().reload;
  button.addEventListener('click', () => location.reload());
  page.append(heading, paragraph, button);

  if (cause) {
    const details = document.createElement('details');
    details.className = 'fatal-details';
    const summary = document.createElement('summary');
    summary.textContent = texts().details;
    const text = document.createElement('p');
    text.textContent = cause;
    details.append(summary, text);
    page.append(details);
  }
  document.body.append(page);
  button.focus();
}

window.tourneeFatal = (message) => showFatal(texts().title, texts().safe, String(message ?? ''));

/** What this browser lacks, as the sentence to show, or nothing. */
function missingFeature() {
  if (!window.isSecureContext) return texts().insecure;
  const all = [typeof WebAssembly, typeof indexedDB, typeof crypto?.subtle, typeof navigator.serviceWorker];
  return all.includes('undefined') ? texts().missing : undefined;
}

/** When the page has been read to its end: this script does not wait for it. */
function parsed() {
  if (document.readyState !== 'loading') return Promise.resolve();
  return new Promise((resolve) => document.addEventListener('readystatechange', resolve, { once: true }));
}

/** The answer of a request to IndexedDB. */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Asks one database, all of one moment. */
async function asked(database, version, questions) {
  const opening = indexedDB.open(database, version);
  // Not there, or of an older version: the program's to make.
  opening.onupgradeneeded = () => opening.transaction.abort();
  const connection = await answer(opening);
  connection.onversionchange = () => connection.close();
  try {
    const transaction = connection.transaction(questions.map(([store]) => store));
    const answers = questions.map(([store, method]) => answer(transaction.objectStore(store)[method]()));
    return { connection, answers: await Promise.all(answers) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Asks ahead what the program will want to know, by the note it left (crates/store/src/indexed_db/ahead.rs). */
function askAhead() {
  window.tourneeAhead = {};
  try {
    for (const piece of JSON.parse(localStorage.getItem('tournee.read_ahead')) ?? []) {
      // What is not answered here, the program asks for itself, and says why it cannot.
      window.tourneeAhead[JSON.stringify(piece)] = asked(...piece).catch(() => undefined);
    }
  } catch {
    // No storage, or no note that can be read.
  }
}

async function start() {
  const missing = missingFeature();
  if (missing) {
    await parsed();
    showFatal(texts().cannotStart, missing);
    return;
  }
  const { js, wasm } = PROGRAM;
  const slow = setTimeout(() => {
    const message = document.getElementById('shell-message');
    if (message) message.textContent = texts().slow;
  }, SLOW_AFTER_MS);
  try {
    // Given the answer itself, the browser compiles while it downloads, and keeps the compiled code.
    const compiled = WebAssembly.compileStreaming(fetch(wasm));
    askAhead();
    const [program, module] = await Promise.all([import(js), compiled, parsed()]);
    await program.default({ module_or_path: module });
  } catch (error) {
    console.error(error);
    await parsed();
    showFatal(texts().cannotStart, texts().retry, String(error));
  } finally {
    clearTimeout(slow);
    // The copy for offline work, and newer versions, also of a program that cannot start: once nobody waits for the first screen.
    setTimeout(() => import('/updates.js').catch(console.error), UPDATES_AFTER_MS);
  }
}

if (language() === 'en') {
  parsed().then(() => {
    const message = document.getElementById('shell-message');
    if (!message) return; // the program was faster
    message.lang = 'en';
    message.textContent = 'Loading…';
  });
}
start();
