/** Each example, imported through the menu as a user does it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type Editor, type Exported, PACKAGE, Stage, TYPES } from '../support/browser';
import { MAJOR } from '../support/node-red';

const EXAMPLES: readonly string[] = fs
  .readdirSync('examples', { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replaceAll(path.sep, '/').replace(/\.json$/, ''));

interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly valid?: boolean;
  readonly validationErrors?: readonly string[];
  readonly [property: string]: unknown;
}
declare const RED: {
  readonly nodes: {
    node(id: string): EditorNode | null;
    getType(type: string): { readonly defaults: Readonly<Record<string, { type?: string }>> } | undefined;
    eachNode(look: (node: EditorNode) => void): void;
    eachConfig(look: (node: EditorNode) => void): void;
    dirty(isDirty: boolean): void;
  };
  readonly actions: { invoke(name: string): void };
};

interface Imported {
  readonly id: string;
  readonly type: string;
  /** The type that Node-RED does not know. */
  readonly unknown: string | null;
  readonly errors: readonly string[];
  /** Properties that name a config node which is not there. */
  readonly dangling: readonly string[];
}

/** The nodes in the editor. Runs in the page. */
function listNodes(): Imported[] {
  const nodes: Imported[] = [];
  const look = (node: EditorNode): void => {
    const references = Object.entries(RED.nodes.getType(node.type)?.defaults ?? {}).filter(([, { type }]) => type);
    const dangling = references
      .map(([property]) => property)
      .filter((property) => Boolean(node[property]) && !RED.nodes.node(String(node[property])));
    nodes.push({
      id: node.id,
      type: node.type,
      unknown: node.type === 'unknown' ? String(node['name']) : null,
      errors: node.valid === false ? (node.validationErrors ?? ['invalid']) : [],
      dangling,
    });
  };
  RED.nodes.eachNode(look);
  RED.nodes.eachConfig(look);
  return nodes;
}

describe(`editor: the examples in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  const stage = new Stage();
  let editor: Editor;

  before(async function () {
    await stage.start(this);
    await stage.red.deploy([]);
    editor = await stage.open();
  });
  after(() => stage.stop());

  async function importExample(name: string): Promise<void> {
    await editor.page.evaluate(() => {
      RED.actions.invoke('core:show-examples-import-dialog');
    });
    const tree = editor.page.locator('#red-ui-clipboard-dialog-import-tab-examples');
    for (const label of [PACKAGE, ...name.split('/')]) {
      await tree.locator('.red-ui-treeList-label-text', { hasText: label }).first().click();
    }
    await editor.page.locator('#red-ui-clipboard-dialog-ok').click();
    await editor.page.locator('.red-ui-notification', { hasText: 'Imported' }).waitFor();
  }

  for (const name of EXAMPLES) {
    // What it needs from others says its name.
    const isForeign = (type: string): boolean => name.includes('Dashboard') && type.startsWith('ui-');

    it(`${name}: is complete, and its dialogs leave it as it was`, async () => {
      // Without this, Chromium asks whether to leave what was not deployed.
      await editor.page.evaluate(() => RED.nodes.dirty(false));
      await editor.reload();
      await importExample(name);
      const expected = JSON.parse(fs.readFileSync(path.join('examples', `${name}.json`), 'utf8')) as Exported[];
      const own = expected.filter(({ type }) => TYPES.includes(type));
      const imported = await editor.page.evaluate(listNodes);
      const ours = imported.filter(({ type }) => TYPES.includes(type));
      assert.deepEqual(ours.map(({ type }) => type).sort(), own.map(({ type }) => type).sort());
      assert.deepEqual(
        imported.filter(({ unknown }) => unknown !== null && !isForeign(unknown)),
        [],
      );
      assert.deepEqual(
        ours.filter(({ dangling, errors }) => dangling.length > 0 || errors.length > 0),
        [],
      );
      const before = await editor.exported();
      for (const { id } of ours) {
        await editor.edit(id);
        await editor.done();
      }
      assert.deepEqual(await editor.exported(), before);
      assert.deepEqual(editor.faults(), []);
    });
  }
});
