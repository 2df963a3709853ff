// `npm test`: everything that a change must pass. Installs and builds when needed; a fresh clone needs nothing else.
//   npm test                 lint, types, build, unit tests with coverage, nodes and editor (in Chromium) on both
//                            majors of Node-RED, packaging
//   npm test -- unit|nodes|editor|packaging|lint ...   only these parts
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { buildIfNeeded, install, root } from './setup.mjs';

install();

const bin = (name) => path.join(root, 'node_modules', name);
/** Node-RED 5 wants Node 22.9; where the system's is older, the `node` package on npm has one. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const modern = major > 22 || (major === 22 && minor >= 9) ? process.execPath : bin('node/bin/node');
/** A suite that hangs is a suite that fails. */
const LIMIT = 25 * 60_000;

const totals = { passed: 0, failed: 0, skipped: 0 };

function run(title, command, args, env = {}) {
  console.log(`\n=== ${title}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
    let output = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      output += chunk;
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

async function check(title, command, args) {
  const { code } = await run(title, command, args);
  if (code === 0) totals.passed++;
  else totals.failed++;
}

async function mocha(title, files, { node = process.execPath, env = {}, coverage = false } = {}) {
  const args = [bin('mocha/bin/mocha.js'), '--reporter', 'spec', '--timeout', '20000', ...files];
  const covered = coverage ? [bin('c8/bin/c8.js'), node, ...args] : args;
  const { code, output } = await run(title, node, covered, env);
  const count = (word) => Number(new RegExp(`^\\s+(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
  totals.passed += count('passing');
  totals.skipped += count('pending');
  totals.failed += count('failing') || (code === 0 ? 0 : 1);
}

const parts = {
  async lint() {
    await check('ESLint', process.execPath, [bin('eslint/bin/eslint.js'), '.']);
    await check('Prettier', process.execPath, [
      bin('prettier/bin/prettier.cjs'),
      '--check',
      '--log-level',
      'warn',
      '.',
    ]);
  },
  unit: () => mocha('Unit tests', ['dist/test/unit/**/*.test.js'], { coverage: true }),
  async nodes() {
    for (const [version, node] of [
      ['4', process.execPath],
      ['5', modern],
    ]) {
      const env = { NODE_RED_MAJOR: version };
      await mocha(`Node tests on Node-RED ${version}`, ['dist/test/nodes/**/*.test.js'], { node, env });
    }
  },
  async editor() {
    for (const [version, node] of [
      ['4', process.execPath],
      ['5', modern],
    ]) {
      const env = { NODE_RED_MAJOR: version };
      await mocha(`Editor on Node-RED ${version}`, ['dist/test/editor/**/*.test.js'], { node, env });
    }
  },
  async packaging() {
    for (const [version, node] of [
      ['4', process.execPath],
      ['5', modern],
    ]) {
      const env = { NODE_RED_MAJOR: version };
      await mocha(`Packaging on Node-RED ${version}`, ['dist/test/packaging/**/*.test.js'], { node, env });
    }
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !(part in parts));
if (unknown.length > 0) {
  console.error(`Unknown part: ${unknown.join(', ')}. There are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

try {
  await buildIfNeeded({ withTests: true });
  totals.passed++;
} catch (error) {
  console.error(error.message);
  totals.failed++;
}
if (totals.failed === 0) for (const part of wanted.length > 0 ? wanted : Object.keys(parts)) await parts[part]();
fs.rmSync(path.join(root, 'coverage', 'tmp'), { recursive: true, force: true });
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
process.exitCode = totals.failed === 0 ? 0 : 1;
