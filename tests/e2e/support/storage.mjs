/**
 * Everything this origin keeps in IndexedDB, as one text: what is not in it is not on the device. Bytes are read as
 * UTF-8, so that packed JSON is searched too.
 */
export function storedText(page) {
  return page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const parts = [];
    const walk = (value) => {
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) parts.push(new TextDecoder().decode(value));
      else if (value instanceof CryptoKey) parts.push('[key]');
      else if (value && typeof value === 'object') Object.entries(value).forEach(([name, inner]) => (parts.push(name), walk(inner)));
      else parts.push(String(value));
    };
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
        walk(keys);
        walk(values);
      }
      database.close();
    }
    return parts.join('\n');
  });
}

/** The browser closes every connection to this profile's databases, as it does when its own storage process dies. */
export async function closeDatabases(device) {
  const page = await device.context.newPage();
  await page.goto('chrome://indexeddb-internals');
  await page.locator('.force-close').first().waitFor();
  for (const button of await page.locator('.force-close').all()) await button.click();
  await page.close();
}

/** The browser clears what it would clear of this origin when space is short: databases and caches, not settings. */
export async function evict(page) {
  const session = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb,cache_storage,service_workers' });
  await session.detach();
}

/** Chromium asks how much room there is anew after so long. */
const ROOM_BELIEVED_MS = 31_000;

/** From now on this origin finds room for so many bytes more, and no others; takes half a minute. */
export async function limitStorage(page, room_bytes) {
  const { usage } = await page.evaluate(() => navigator.storage.estimate());
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: usage + room_bytes });
  await page.waitForTimeout(ROOM_BELIEVED_MS);
}

/** How many rows lie in these stores of the database of whoever works here. */
export function rowsIn(page, stores) {
  return page.evaluate(async (stores) => {
    const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const { name } = (await indexedDB.databases()).find(({ name }) => /^tournee-[0-9a-f-]{73}$/.test(name));
    const database = await done(indexedDB.open(name));
    const counts = await Promise.all(stores.map((store) => done(database.transaction(store).objectStore(store).count())));
    database.close();
    return counts;
  }, stores);
}

/** What no app does: a stored fact whose text holds `of` gets `after` in the place of `before`. */
export function editFact(page, of, before, after) {
  return page.evaluate(async ([of, before, after]) => {
    const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const { name } = (await indexedDB.databases()).find(({ name }) => /^tournee-[0-9a-f-]{73}$/.test(name));
    const database = await done(indexedDB.open(name));
    const facts = database.transaction('facts', 'readwrite').objectStore('facts');
    const [keys, values] = await Promise.all([done(facts.getAllKeys()), done(facts.getAll())]);
    const at = values.findIndex((value) => value.includes(of));
    const record = JSON.parse(values[at]);
    if (!record.text.includes(before)) throw new Error(`no ${before} in ${record.text}`);
    await done(facts.put(JSON.stringify({ ...record, text: record.text.replace(before, after) }), keys[at]));
    database.close();
  }, [of, before, after]);
}
