// JSON Schemas -> types and standalone validators, so that starting Node-RED compiles none.
// Every src/**/schemas/NAME.json becomes src/generated/NAME.js (ajv standalone) and NAME.d.ts (types, `validate`).
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { compile } from 'json-schema-to-typescript';

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2020').default;
const standaloneCode = require('ajv/dist/standalone').default;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'src/generated');

const MINIFIED = { minify: true, treeShaking: true, target: 'node20' };

/** Writes only what differs, so that incremental compilers see no change where there is none. */
function write(file, text) {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.writeFileSync(file, text);
}

function schemaFiles(dir) {
  return fs
    .readdirSync(dir, { recursive: true })
    .map(String)
    .filter((file) => /(^|[\\/])schemas[\\/][^\\/]+\.json$/.test(file))
    .map((file) => path.join(dir, file))
    .sort();
}

export async function generate() {
  fs.mkdirSync(out, { recursive: true });
  const kept = new Set();
  for (const file of schemaFiles(path.join(root, 'src'))) {
    const name = path.basename(file, '.json');
    const schema = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (typeof schema.title !== 'string') throw new Error(`${file}: a schema needs a title, which names its type`);
    if (kept.has(`${name}.js`)) throw new Error(`${file}: another schema is called ${name} already`);
    const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, code: { source: true, lines: true } });
    const code = standaloneCode(ajv, ajv.compile(schema));
    const types = await compile(schema, schema.title, { bannerComment: '', additionalProperties: false });
    const typeName = /export (?:interface|type) (\w+)/g;
    const names = [...types.matchAll(typeName)].map((match) => match[1]);
    const main = names.find((candidate) => candidate.toLowerCase() === schema.title.replace(/\W/g, '').toLowerCase());
    if (!main) throw new Error(`${file}: no type named ${schema.title} among ${names.join(', ')}`);
    // Minified: it carries the schema it was made from, which nothing reads.
    const small = esbuild.transformSync(`${code}\nmodule.exports.validate = module.exports;\n`, MINIFIED);
    write(path.join(out, `${name}.js`), small.code);
    write(
      path.join(out, `${name}.d.ts`),
      `import type { Validator } from '../shared/validation';\n\n${types}\nexport declare const validate: Validator<${main}>;\n`,
    );
    kept.add(`${name}.js`).add(`${name}.d.ts`);
  }
  for (const file of fs.readdirSync(out)) if (!kept.has(file)) fs.rmSync(path.join(out, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
