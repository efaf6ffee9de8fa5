/** Rows of the first page of an .xlsx whose archive is not compressed: numbers and texts, `null` for an empty cell. */
export function readWorkbook(bytes) {
  const files = new Map();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const [size, name] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26)];
    const from = at + 30 + name + bytes.readUInt16LE(at + 28);
    files.set(bytes.toString('utf8', at + 30, at + 30 + name), bytes.toString('utf8', from, from + size));
    at = from + size;
  }
  const page = files.get('xl/worksheets/sheet1.xml');
  const plain = (xml) => xml.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return [...page.matchAll(/<row>(.*?)<\/row>/gs)].map(([, row]) =>
    [...row.matchAll(/<c\/>|<c [^>]*>(.*?)<\/c>/gs)].map(([cell, inner]) => {
      if (cell === '<c/>') return null;
      const number = inner.match(/^<v>(.*)<\/v>$/);
      return number ? Number(number[1]) : plain(inner.replace(/<[^>]*>/g, ''));
    }),
  );
}
