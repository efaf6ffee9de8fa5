import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { MANAGER } from './field-office.mjs';
import { TRUTH } from './ledger.mjs';
import { OfficeApp } from './office-app.mjs';

/**
 * The payments of the office's journal in its order, `{receipt, amount, client, seq, flags, counts, algorithm}`. The
 * journal is exported and proven by the server's own command first.
 */
export async function paymentsInTheJournal(scene, office) {
  const path = join(await scene.folder(), 'journal.jsonl');
  await office.command('export', 'journal', '--out', path);
  await office.verify(path);
  const lines = (await readFile(path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  const algorithms = new Map(lines.filter(({ line }) => line === 'key').map((key) => [`${key.device} ${key.epoch}`, key.public_key.algorithm]));
  return lines
    .filter(({ line }) => line === 'fact')
    .map((fact) => ({ ...fact, envelope: JSON.parse(fact.text) }))
    .filter(({ envelope }) => envelope.type === 'payment')
    .map(({ envelope: { body, seq }, device, epoch, flags, projected }) => ({
      receipt: body.receipt,
      amount: BigInt(body.amount),
      client: body.client,
      seq,
      flags,
      counts: projected,
      algorithm: algorithms.get(`${device} ${epoch}`),
    }));
}

/**
 * The office has exactly these payments, `{receipt: francs}`, each once and counted, and its books agree to the unit:
 * the journal proves itself, records computed anew are the stored ones, and the aged balance `asOf` a
 * day, today if none is given, is the ledger's total minus the payments. Gives the journal's payments.
 */
export async function expectBooks(scene, office, expected, { openTotal = BigInt(TRUTH.first.open_total), asOf } = {}) {
  const payments = await paymentsInTheJournal(scene, office);
  expect(Object.fromEntries(payments.map(({ receipt, amount }) => [receipt, amount]))).toEqual(expected);
  expect(payments).toHaveLength(Object.keys(expected).length);
  expect(payments.filter(({ counts }) => !counts)).toEqual([]);
  await office.command('check');
  const manager = new OfficeApp(await scene.desk(office.url));
  await manager.page.goto('/');
  await manager.signIn(MANAGER);
  await manager.openBalance(asOf);
  const paid = Object.values(expected).reduce((sum, amount) => sum + amount, 0n);
  await expect.poll(() => manager.agedTotal()).toBe(openTotal - paid);
  await manager.page.context().close();
  return payments;
}
