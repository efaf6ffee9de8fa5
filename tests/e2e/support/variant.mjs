import { appendFile, cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ASSETS } from './paths.mjs';
import { run } from './process.mjs';

/**
 * Another build of the app in `folder`, as a release would bring it: one file differs, and `change(folder)` may do
 * more. Its list is made by the same hook as the real one.
 */
export async function variantBuild(folder, change = async () => {}) {
  await cp(ASSETS, folder, { recursive: true });
  await appendFile(join(folder, 'unsupported.js'), `\n// ${folder}\n`);
  await change(folder);
  await run('cargo', ['xtask', 'precache'], { env: { TRUNK_STAGING_DIR: folder } });
  return folder;
}

/** Puts `text` in place of a file behind the list's back, as a portal or a broken proxy would. */
export async function spoil(folder, name, text) {
  await writeFile(join(folder, name), text);
  await rm(join(folder, `${name}.br`), { force: true });
}

/** Replaces text in a file, and fails when it is not there. */
export async function edit(folder, name, from, to) {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${name} no longer contains: ${from}`);
  await writeFile(path, text.replace(from, to));
}

/** The name of the built program, which carries a hash. */
export async function programName(folder = ASSETS) {
  return (await readdir(folder)).find((name) => name.endsWith('_bg.wasm'));
}

