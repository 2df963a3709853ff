// Builds dist/ from nodes/ and src/: what package.json points at, and nothing else.
// Any fault ends it with a text and exit code 1: a package that is half built must not look built.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { generate } from './generate.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const LANGUAGES = ['en-US', 'de', 'fr'];
const faults = [];
const check = (condition, text) => {
  if (!condition) faults.push(text);
};

function read(file) {
  return fs.readFileSync(file, 'utf8');
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/** All keys of a catalogue, dotted. */
function keysOf(catalogue, prefix = '') {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === 'object' ? keysOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

/** The definition that the editor code registers, run against an editor that answers everything with itself. */
function definitionOf(type, code) {
  const anything = () =>
    new Proxy(function () {}, {
      get: (_, key) => (key === Symbol.toPrimitive ? () => '' : anything()),
      apply: () => anything(),
      construct: () => anything(),
    });
  let definition;
  const nodes = { registerType: (name, given) => name === type && (definition = given) };
  const RED = new Proxy({}, { get: (_, key) => (key === 'nodes' ? nodes : anything()) });
  vm.runInNewContext(code, { RED, $: anything(), window: anything(), document: anything() }, { timeout: 5_000 });
  return definition;
}

/** Ids of the dialog against the defaults of the definition, both ways. */
function checkDialog(type, template, definition) {
  const config = definition.category === 'config';
  const prefix = config ? 'node-config-input-' : 'node-input-';
  const own = new Set([...Object.keys(definition.defaults ?? {}), ...Object.keys(definition.credentials ?? {})]);
  const ids = [...template.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]);
  const shown = new Set([...template.matchAll(/\bdata-property="([^"]+)"/g)].map((match) => match[1]));
  for (const id of ids) {
    if (!/^node-(config-)?input-/.test(id)) continue;
    check(id.startsWith(prefix), `${type}: id ${id} needs the prefix ${prefix}`);
    const property = id.slice(prefix.length);
    check(own.has(property), `${type}: the dialog has ${id}, the definition no "${property}"`);
    shown.add(property);
  }
  for (const property of own) check(shown.has(property), `${type}: the dialog has nothing for "${property}"`);
  for (const [property, { type: reference, label, validate, required }] of Object.entries(definition.defaults ?? {})) {
    if (validate || required || reference) check(label, `${type}: "${property}" needs a label for validation messages`);
  }
}

function checkTexts(type, template, code, catalogues) {
  const used = new Set();
  for (const [, list] of template.matchAll(/data-i18n="([^"]+)"/g)) {
    for (const part of list.split(';')) used.add(part.replace(/^\[\w+\]/, ''));
  }
  for (const [, key] of code.matchAll(/\b_\(\s*["'`]([\w.:/@-]+)["'`]/g)) used.add(key);
  for (const language of LANGUAGES) {
    const keys = new Set(keysOf(catalogues[language]));
    for (const key of used) check(key.includes(':') || keys.has(key), `${type}: ${language} has no text for "${key}"`);
    for (const key of keysOf(catalogues['en-US'])) check(keys.has(key), `${type}: ${language} lacks "${key}"`);
    for (const key of keys) check(keysOf(catalogues['en-US']).includes(key), `${type}: only ${language} has "${key}"`);
  }
}

function buildNode(type) {
  const source = (name) => at('nodes', type, name);
  const bundle = esbuild.buildSync({
    entryPoints: [source(`${type}.editor.ts`)],
    bundle: true,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    minifyWhitespace: true,
    write: false,
    tsconfig: at('tsconfig.editor.json'),
  });
  const code = bundle.outputFiles[0].text.replaceAll('</script', '<\\/script');
  const template = read(source(`${type}.html`));
  const catalogues = Object.fromEntries(
    LANGUAGES.map((lang) => [lang, JSON.parse(read(source(`locales/${lang}.json`)))]),
  );

  check(new RegExp(`RED\\.nodes\\.registerType\\(["']${type}["']`).test(code), `${type}: no literal registerType`);
  check(!/<script[^>]+\bsrc\s*=/.test(template), `${type}: <script src> would hold up all nodes of the package`);
  check(template.includes(`data-template-name="${type}"`), `${type}: no template of that name`);
  const definition = definitionOf(type, code);
  check(definition, `${type}: its code does not register it`);
  if (definition) checkDialog(type, template, definition);
  checkTexts(type, template, code, catalogues);

  const out = (...parts) => at('dist/nodes', ...parts);
  write(out(`${type}.js`), `'use strict';\nmodule.exports = require('../runtime.js')['${type}'];\n`);
  write(out(`${type}.html`), `${template.trim()}\n\n<script type="text/javascript">\n${code}</script>\n`);
  for (const language of LANGUAGES) {
    write(out('locales', language, `${type}.json`), JSON.stringify(catalogues[language]));
    const help = read(source(`help/${language}.md`)).trim();
    check(help.length > 200, `${type}: the help in ${language} says next to nothing`);
    write(
      out('locales', language, `${type}.html`),
      `<script type="text/markdown" data-help-name="${type}">\n${help}\n</script>\n`,
    );
  }
  if (definition?.icon?.endsWith('.svg'))
    check(fs.existsSync(at('icons', definition.icon)), `${type}: no icon ${definition.icon}`);
}

function tsc(project, ...options) {
  execFileSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', at(project), ...options], {
    stdio: 'inherit',
    cwd: root,
  });
}

/**
 * The runtime of all nodes as one CommonJS file, so that what they share exists once and loading costs one file instead of
 * two hundred. Names stay, so that stack traces can be read.
 */
function bundleRuntime(types) {
  const entry = types.map((type) => `export { default as '${type}' } from './${type}/${type}.ts';`);
  esbuild.buildSync({
    stdin: { contents: entry.join('\n'), resolveDir: at('nodes') },
    outfile: at('dist/runtime.js'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
  });
}

/** The `energy-simulator` command: a program of its own that shares no state with the nodes. */
function bundleSimulator() {
  esbuild.buildSync({
    entryPoints: [at('src/simulators/cli.ts')],
    outfile: at('dist/simulator.js'),
    bundle: true,
    packages: 'external',
    minify: true,
    platform: 'node',
    target: 'node20',
  });
}

/** @param withTests compiles the tests and benchmarks as well, into dist/test and dist/bench. */
export async function build({ withTests = false } = {}) {
  fs.rmSync(at('dist'), { recursive: true, force: true });
  await generate();
  tsc(withTests ? 'tsconfig.test.json' : 'tsconfig.json');
  // The nodes are only checked there: what runs of them is the bundle.
  fs.rmSync(at('dist/nodes'), { recursive: true });
  tsc('tsconfig.editor.json');
  fs.cpSync(at('src/generated'), at('dist/src/generated'), {
    recursive: true,
    filter: (file) => !file.endsWith('.d.ts'),
  });
  const types = fs.readdirSync(at('nodes')).filter((name) => fs.statSync(at('nodes', name)).isDirectory());
  bundleRuntime(types);
  bundleSimulator();
  for (const type of types) buildNode(type);
  fs.cpSync(at('icons'), at('dist/nodes/icons'), { recursive: true });
  const listed = JSON.parse(read(at('package.json')))['node-red'].nodes;
  for (const type of types) check(listed[type] === `dist/nodes/${type}.js`, `package.json does not list ${type}`);
  for (const type of Object.keys(listed)) check(types.includes(type), `package.json lists ${type}, which is not there`);
  if (faults.length > 0) throw new Error(`The build found faults:\n- ${faults.join('\n- ')}`);
  write(at('dist/.built'), '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build({ withTests: process.argv.includes('--tests') });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
