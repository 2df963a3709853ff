/** The packed tarball, installed as users install it, in a real Node-RED. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { at, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly keywords: string[];
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly engines: { readonly node: string };
  readonly dependencies: Record<string, string>;
  readonly 'node-red': { readonly version: string; readonly nodes: Record<string, string> };
}

interface NodeSet {
  readonly id: string;
  readonly module: string;
  readonly types: string[];
  readonly enabled: boolean;
  readonly err?: string;
}

type ExampleNode = { id: string; type: string; z?: string } & Record<string, unknown>;

const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8')) as Manifest;
const types = Object.keys(manifest['node-red'].nodes);
const LANGUAGES = ['en-US', 'de', 'fr'];
/** Node types of others that an example may use: the dashboard is named in its file name. */
const isForeign = (type: string): boolean => type.startsWith('ui-');

/** They change a device or the list of assets; writing readings into attributes does not. */
const COMMANDS = /^(charger-control|linky-command|openremote-asset)$/;
/** What somebody asks of a flow: by a button, or in OpenRemote by a write that waits for the gateway. */
const isRequest = ({ type, once, repeat, crontab }: ExampleNode): boolean =>
  type === 'openremote-gateway' || (type === 'inject' && once !== true && !repeat && !crontab);
/** They send only what they are sent. */
const PASSES_ON = /^(change|charger-control|function|link in|link out|linky-command|openremote-asset|rbe|switch)$/;

const idsIn = (ids: unknown): string[] => (Array.isArray(ids) ? (ids as string[][]).flat() : []);

/** The nodes that may send to `target`, directly or through others, without a person's request. */
function unasked(nodes: readonly ExampleNode[], target: ExampleNode): string[] {
  const reaching = new Set([target]);
  for (const { id, type, links } of reaching) {
    for (const node of nodes) {
      const isLinked =
        type === 'link in' &&
        node.type === 'link out' &&
        (idsIn(links).includes(node.id) || idsIn(node['links']).includes(id));
      if (node['d'] !== true && !isRequest(node) && (isLinked || idsIn(node['wires']).includes(id))) reaching.add(node);
    }
  }
  return [...reaching].filter(({ type }) => !PASSES_ON.test(type)).map(({ id, type }) => `${type} ${id}`);
}

function npm(args: string[], cwd: string): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' });
}

describe(`packaging: the tarball in Node-RED ${MAJOR}`, function () {
  this.timeout(180_000);
  let dir: string;
  let installed: string;
  let size: number;
  let files: string[];
  let red: NodeRed;

  before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'package-'));
    const [packed] = JSON.parse(
      npm(['pack', '--ignore-scripts', '--json', '--pack-destination', dir], process.cwd()),
    ) as [{ filename: string; size: number; files: { path: string }[] }];
    size = packed.size;
    files = packed.files.map((file) => file.path);
    fs.writeFileSync(path.join(dir, 'package.json'), '{"private":true}');
    npm(['install', '--omit=dev', '--save-prefix=~', '--engine-strict', path.join(dir, packed.filename)], dir);
    installed = path.join(dir, 'node_modules', manifest.name);
    red = await startNodeRed(installed);
  });
  after(async () => {
    await red.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  async function get(url: string, headers: Record<string, string>): Promise<string> {
    const response = await fetch(red.url + url, { headers });
    assert.equal(response.status, 200, url);
    return response.text();
  }

  function examples(): { name: string; nodes: ExampleNode[] }[] {
    return fs
      .readdirSync(path.join(installed, 'examples'), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({
        name,
        nodes: JSON.parse(fs.readFileSync(path.join(installed, 'examples', name), 'utf8')) as ExampleNode[],
      }));
  }

  it('is below 300 kB, and holds neither sources nor tests', () => {
    assert.ok(size < 300_000, `${size} bytes`);
    const strange = files.filter(
      (file) =>
        !/^(dist\/(nodes\/|runtime\.js|simulator\.js)|examples\/|LICENSE|README\.md|CHANGELOG\.md|package\.json)/.test(
          file,
        ),
    );
    assert.deepEqual(strange, []);
    assert.deepEqual(
      files.filter((file) => /\.(ts|map)$|\.test\./.test(file)),
      [],
    );
  });

  it('satisfies the Flow Library', () => {
    assert.match(manifest.name, /^@[\w-]+\/node-red-/);
    assert.ok(manifest.keywords.includes('node-red'));
    assert.equal(manifest.license, 'MIT');
    assert.ok(manifest.repository.url && manifest.bugs.url);
    assert.equal(manifest['node-red'].version, '>=4.0.0');
    assert.equal(manifest.engines.node, '>=20');
    assert.ok(Object.keys(manifest.dependencies).length <= 6, 'at most six dependencies');
    for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md']) assert.ok(files.includes(file), file);
  });

  it('loads every node set without an error', async () => {
    const sets = JSON.parse(await get('nodes', { accept: 'application/json' })) as NodeSet[];
    const own = sets.filter(({ module }) => module === manifest.name);
    assert.deepEqual(own.map(({ types: [type] }) => type).sort(), [...types].sort());
    for (const set of own) {
      assert.equal(set.err, undefined, set.id);
      assert.ok(set.enabled, set.id);
    }
  });

  it('has an icon for each node, where the editor looks', async () => {
    const icons = at(JSON.parse(await get('icons', { accept: 'application/json' })), manifest.name);
    const html = await get('nodes', { accept: 'text/html' });
    for (const type of types) {
      const source = fs.readFileSync(path.join(installed, 'dist/nodes', `${type}.html`), 'utf8');
      const icon = /\bicon: ?["']([\w-]+\.svg)["']/.exec(source)?.[1];
      assert.ok(icon && Array.isArray(icons) && icons.includes(icon), `${type}: ${icon ?? 'no icon'}`);
      assert.ok(html.includes(`data-template-name="${type}"`), type);
    }
  });

  for (const language of LANGUAGES) {
    it(`has labels and help in ${language}`, async () => {
      const catalogues: unknown = JSON.parse(
        await get(`nodes/messages?lng=${language}`, { accept: 'application/json' }),
      );
      const html = await get('nodes', { accept: 'text/html', 'accept-language': language });
      const helps = new Map(
        [...html.matchAll(/data-help-name="([\w-]+)"[^>]*>([\s\S]*?)<\/script>/g)].map((match) => [match[1], match[2]]),
      );
      for (const type of types) {
        const catalogue = (catalogues as Record<string, unknown>)[`${manifest.name}/${type}`];
        const expected: unknown = JSON.parse(fs.readFileSync(`nodes/${type}/locales/${language}.json`, 'utf8'));
        assert.deepEqual(catalogue, expected, `labels of ${type}`);
        assert.equal(
          helps.get(type)?.trim(),
          fs.readFileSync(`nodes/${type}/help/${language}.md`, 'utf8').trim(),
          `help of ${type}`,
        );
      }
    });
  }

  it('has examples that the editor lists and can import: an array, with nothing unknown in it', async () => {
    const sets = JSON.parse(await get('nodes', { accept: 'application/json' })) as NodeSet[];
    const known = new Set([...sets.flatMap((set) => set.types), 'tab', 'group', 'subflow']);
    for (const { name, nodes } of examples()) {
      assert.ok(Array.isArray(nodes), name);
      const url = `library/examples/flows/${manifest.name}/${encodeURI(name.replaceAll(path.sep, '/').replace(/\.json$/, ''))}`;
      assert.deepEqual(JSON.parse(await get(url, { accept: 'application/json' })), nodes, `${name} in the import menu`);
      const unknown = nodes.filter(({ type }) => !known.has(type) && !(isForeign(type) && name.includes('Dashboard')));
      assert.deepEqual(
        unknown.map(({ type }) => type),
        [],
        name,
      );
      assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length, `${name}: ids are used twice`);
      const ids = new Set(nodes.map(({ id }) => id));
      for (const { id, wires } of nodes) {
        for (const target of ((wires as string[][] | undefined) ?? []).flat())
          assert.ok(ids.has(target), `${name}: ${id} is wired to ${target}`);
      }
    }
  });

  it('has examples that can be imported side by side: what has one id is the same node', () => {
    const seen = new Map<string, ExampleNode>();
    for (const { name, nodes } of examples()) {
      for (const node of nodes) {
        const before = seen.get(node.id);
        if (before) assert.deepEqual(node, before, `${name}: ${node.id} is another node elsewhere`);
        seen.set(node.id, node);
      }
    }
  });

  it('has examples that command nothing by themselves: only a person does', () => {
    const commands = new Set<string>();
    for (const { name, nodes } of examples()) {
      for (const command of nodes.filter(({ type, d }) => COMMANDS.test(type) && d !== true)) {
        commands.add(command.type);
        assert.deepEqual(unasked(nodes, command), [], `${name}: what reaches ${command.id} without a person`);
      }
    }
    assert.deepEqual([...commands].sort(), ['charger-control', 'linky-command', 'openremote-asset']);
  });

  it('uses each node in an example', () => {
    const used = new Set(examples().flatMap(({ nodes }) => nodes.map(({ type }) => type)));
    assert.deepEqual(
      types.filter((type) => !used.has(type)),
      [],
    );
  });

  it('deploys every example', async () => {
    for (const { name, nodes } of examples()) {
      if (nodes.some(({ type }) => isForeign(type))) continue;
      await red.deploy(nodes);
      assert.ok(name);
    }
    await red.deploy([]);
  });
});
