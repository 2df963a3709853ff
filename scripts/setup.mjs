// Makes a fresh clone ready: installs when the lock file is newer than what is installed, builds when a source is
// newer than what is built. Needs Node and npm only.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

function modified(file) {
  return fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0;
}

function newest(dir) {
  return fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(path.join('src', 'generated')))
    .reduce((latest, entry) => Math.max(latest, modified(path.join(entry.parentPath, entry.name))), 0);
}

export function install() {
  const lock = path.join(root, 'package-lock.json');
  if (modified(path.join(root, 'node_modules/.package-lock.json')) >= modified(lock)) return;
  console.log('Installing what the package needs (once) …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

export async function buildIfNeeded(options = {}) {
  const built = modified(path.join(root, 'dist/.built'));
  const sources = ['src', 'nodes', 'icons', 'scripts', ...(options.withTests ? ['test', 'bench'] : [])];
  const files = ['package.json', 'tsconfig.json', 'tsconfig.editor.json', 'tsconfig.test.json'];
  const changed = Math.max(
    ...sources.map((dir) => newest(path.join(root, dir))),
    ...files.map((file) => modified(path.join(root, file))),
  );
  const complete = !options.withTests || fs.existsSync(path.join(root, 'dist/test'));
  if (built >= changed && complete) return;
  console.log('Building …');
  const { build } = await import('./build.mjs');
  await build(options);
}
