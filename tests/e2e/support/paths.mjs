import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export const ROOT = join(here, '..', '..', '..');
export const ASSETS = process.env.TOURNEE_ASSETS ?? join(ROOT, 'dist');
export const LEDGER = join(ROOT, 'tests', 'data', 'ledger-export');
export const SCREENS = join(here, '..', 'test-results', 'screens');

/** A folder of this test's own, and the function that removes it. */
export async function temporaryFolder(name) {
  const path = await mkdtemp(join(tmpdir(), `tournee-e2e-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}
