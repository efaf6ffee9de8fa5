import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseCsv } from './csv.mjs';
import { LEDGER } from './paths.mjs';

export const CLIENTS_CSV = join(LEDGER, 'clients.csv');
export const INVOICES_CSV = join(LEDGER, 'factures.csv');
export const INVOICES_2_CSV = join(LEDGER, 'factures-2.csv');
/** What must come out of the two statements; made outside Tournée. */
export const TRUTH = JSON.parse(readFileSync(join(LEDGER, 'truth.json'), 'utf8'));

/** Rows of a sample file, by heading. */
const rows = (path) => parseCsv(new TextDecoder('windows-1252').decode(readFileSync(path)));

/** Client codes of a collector's portfolio, in the file's order; of a repeated code the first row counts. */
export function portfolio(code) {
  const first = new Map();
  for (const row of rows(CLIENTS_CSV)) if (!first.has(row['Code client'])) first.set(row['Code client'], row['Chargé de recouvrement']);
  return [...first].filter(([, collector]) => collector === code).map(([client]) => client);
}

/** The client's invoices that the first statement takes in, as the file writes them. */
export function invoicesOf(client) {
  const bad = new Set(TRUTH.first.bad_rows.map(({ line }) => line));
  return rows(INVOICES_CSV).filter((row, i) => row['Code client'] === client && !bad.has(i + 2));
}

const isoDate = (text) => text.split('/').reverse().join('-');

/** Every invoice and credit note that the first statement takes in, read here without the product. */
export function statement() {
  const bad = new Set(TRUTH.first.bad_rows.map(({ line }) => line));
  // Of a repeated code the first row counts.
  const collectors = new Map(rows(CLIENTS_CSV).reverse().map((row) => [row['Code client'], row['Chargé de recouvrement']]));
  return rows(INVOICES_CSV)
    .filter((row, i) => !bad.has(i + 2))
    .map((row) => ({
      number: row['N° pièce'],
      client: row['Code client'],
      collector: collectors.get(row['Code client']),
      activity: row['Activité'],
      issued: isoDate(row['Date facture']),
      due: TRUTH.first.derived_due[row['N° pièce']] ?? isoDate(row['Date échéance']),
      net: francs(row['Montant HT']),
      gross: francs(row['Montant TTC']),
      open: francs(row['Montant TTC']) - francs(row['Réglé']),
    }));
}

/** Every word the sample files say, which screens repeat in whatever language: cells, headings, names of the files. */
export function wordsOfTheFiles() {
  const words = new Set();
  for (const path of [CLIENTS_CSV, INVOICES_CSV, INVOICES_2_CSV]) {
    words.add(basename(path));
    for (const row of rows(path)) for (const word of Object.entries(row).flat()) words.add(word);
  }
  return words;
}

/** *Réglé* of an invoice in one of the two files. */
export const settledOf = (path, number) => francs(rows(path).find((row) => row['N° pièce'] === number)['Réglé']);

/** Invoices that only the second statement knows, unpaid: `{client, invoice}`. */
export function newInSecond() {
  const known = new Set(rows(INVOICES_CSV).map((row) => row['N° pièce']));
  return rows(INVOICES_2_CSV)
    .filter((row) => row.Type === 'Facture' && !known.has(row['N° pièce']) && francs(row['Réglé']) === 0n)
    .map((row) => ({ client: row['Code client'], invoice: row['N° pièce'] }));
}

/** The client's unpaid invoices as the first statement leaves them, oldest due first. */
export function openInvoices(client) {
  return invoicesOf(client)
    .map((row) => ({
      number: row['N° pièce'],
      activity: row['Activité'],
      due: row['Date échéance'].split('/').reverse().join('-'),
      open: francs(row['Montant TTC']) - francs(row['Réglé']),
      slip: row['Bon de livraison'],
      discharged: row['Décharge'] === 'Oui',
    }))
    .filter(({ open }) => open !== 0n)
    .sort((a, b) => (a.due + a.number < b.due + b.number ? -1 : 1));
}

/**
 * A client of the portfolio on whom a whole day can be lived: three unpaid invoices or more, a delivery slip to bring
 * back, a discharge to obtain, and nothing in the file that needs interpretation.
 */
export function clientForTheDay(code) {
  const bad = new Set([...TRUTH.first.bad_rows.map(({ piece }) => piece), ...Object.keys(TRUTH.first.derived_due)]);
  for (const client of portfolio(code)) {
    const invoices = openInvoices(client);
    const sum = invoices.reduce((total, { open }) => total + open, 0n);
    const clear = invoicesOf(client).every((row) => !bad.has(row['N° pièce'])) && String(sum) === TRUTH.first.open_by_client[client];
    const positive = invoices.every(({ open }) => open > 50_000n);
    if (clear && positive && invoices.length >= 3 && invoices.length <= 9 && invoices.at(-1).slip && !invoices.at(-2).discharged) return { client, invoices };
  }
  throw new Error(`no client of ${code} fits the day`);
}

/** An amount of the files, « 1 042 207 », as whole francs. */
export const francs = (text) => BigInt(text.replace(/[\s\u00a0\u202f]/g, '').replace(/,00$/, '') || '0');

/** Francs as Tournée writes them in French: 1 042 207, with narrow no-break spaces. */
export const inFrench = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, '\u202f');
