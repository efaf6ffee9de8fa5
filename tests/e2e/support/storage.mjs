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
