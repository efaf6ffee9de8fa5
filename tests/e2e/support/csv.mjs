/** Reads a CSV text into rows by heading; quotes as in RFC 4180, separator found on the first line. */
export function parseCsv(text) {
  const clean = text.replace(/^\ufeff/, '');
  const separator = clean.split(/\r?\n/, 1)[0].includes(';') ? ';' : ',';
  const table = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < clean.length; i++) {
    const c = clean[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (clean[i + 1] === '"') (cell += '"'), i++;
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === separator) table.at(-1).push(cell), (cell = '');
    else if (c === '\n') table.at(-1).push(cell), (cell = ''), table.push([]);
    else if (c !== '\r') cell += c;
  }
  table.at(-1).push(cell);
  const [heading, ...rows] = table.filter((row) => row.length > 1 || row[0] !== '');
  return rows.map((row) => Object.fromEntries(heading.map((name, i) => [name, row[i]])));
}
