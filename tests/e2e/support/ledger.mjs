import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEDGER } from './paths.mjs';

export const CLIENTS_CSV = join(LEDGER, 'clients.csv');
export const INVOICES_CSV = join(LEDGER, 'factures.csv');
export const INVOICES_2_CSV = join(LEDGER, 'factures-2.csv');
/** What must come out of the two statements; made outside Tournée. */
export const TRUTH = JSON.parse(readFileSync(join(LEDGER, 'truth.json'), 'utf8'));

/** Rows of a sample file, by heading. The samples have no quoted separators beside names, which are not needed here. */
function rows(path) {
  const text = new TextDecoder('windows-1252').decode(readFileSync(path));
  const [heading, ...lines] = text.split(/\r?\n/).filter(Boolean).map((line) => line.split(';'));
  return lines.map((cells) => Object.fromEntries(heading.map((name, i) => [name, cells[i]])));
}

/** Client codes of a collector's portfolio, in the file's order. */
export function portfolio(code) {
  const own = rows(CLIENTS_CSV).filter((row) => row['Chargé de recouvrement'] === code);
  return [...new Set(own.map((row) => row['Code client']))];
}

/** The client's invoices that the first statement takes in, as the file writes them. */
export function invoicesOf(client) {
  const bad = new Set(TRUTH.first.bad_rows.map(({ line }) => line));
  return rows(INVOICES_CSV).filter((row, i) => row['Code client'] === client && !bad.has(i + 2));
}

/** An amount of the files, « 1 042 207 », as whole francs. */
export const francs = (text) => BigInt(text.replace(/[\s\u00a0\u202f]/g, '').replace(/,00$/, '') || '0');

/** Francs as Tournée writes them in French: 1 042 207, with narrow no-break spaces. */
export const inFrench = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, '\u202f');
