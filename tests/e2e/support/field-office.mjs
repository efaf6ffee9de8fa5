import { CLIENTS_CSV, INVOICES_CSV, TRUTH } from './ledger.mjs';
import { PASSWORD } from './office.mjs';

export const MANAGER = { login: 'direction', name: 'Rahila Direction', role: 'manager', password: PASSWORD };
export const COLLECTORS = ['REC01', 'REC02', 'REC03', 'REC04'].map((code) => ({
  login: code.toLowerCase(),
  name: `Chargé ${code}`,
  role: 'collector',
  portfolios: [code],
  password: PASSWORD,
}));

/** A running office with the ledger's first statement, a manager, and a collector for each portfolio. */
export async function fieldOffice(scene) {
  const office = await scene.office();
  await office.establish([MANAGER, ...COLLECTORS]);
  await office.command('import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_CSV, '--statement-date', TRUTH.first.statement_date);
  return office.start();
}
