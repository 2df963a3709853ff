/** What the dialogs say of values that will not work: every property of every node type that has a validator. */
import assert from 'node:assert/strict';
import { catalogue, type Editor, Stage, TYPES } from '../support/browser';
import { MAJOR } from '../support/node-red';
import { bareNodes, CREDENTIALS, type Definition, definitions, everyNode, idOf } from './every-node';

const LANGUAGE = 'de';

/** Each validator refuses one of these. */
const WRONG = ['-5', 'a/#/b'];

/** Without them a node goes by the message, a new node has a default. */
const FROM_MESSAGE = new Set(['command', 'operation']);

describe(`editor: invalid values in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  const stage = new Stage();
  let editor: Editor;
  let all: Definition[];

  before(async function () {
    await stage.start(this);
    await stage.red.deploy([]);
    editor = await stage.open({ language: LANGUAGE });
    all = await definitions(editor);
    await stage.red.deploy(everyNode(all), CREDENTIALS);
    await editor.reload();
  });
  after(() => stage.stop());

  /** Types something wrong into a field; the field has to be marked. */
  async function spoil(type: string, property: string): Promise<void> {
    const field = editor.field(property);
    const marked = field.and(editor.page.locator('.input-error'));
    for (const value of WRONG) {
      // Fields of tabs and rows that do not show now are validated as well.
      await field.evaluate((element: unknown, text) => jQuery(element).val(text).trigger('change'), value);
      if ((await marked.count()) > 0) return;
    }
    assert.fail(`${type}: ${property} is not marked with any of ${WRONG.join(', ')}`);
  }

  for (const type of TYPES) {
    it(`are marked and explained by ${type}`, async function () {
      const properties = all.find((each) => each.type === type)?.properties ?? [];
      await editor.edit(idOf(type));
      const spoiled: string[] = [];
      for (const { name, label, hasValidator, reference } of properties) {
        if (!hasValidator || reference !== null || (await editor.field(name).count()) === 0) continue;
        await spoil(type, name);
        spoiled.push(label ?? name);
      }
      await editor.done();
      const { errors, valid } = await editor.state(idOf(type));
      assert.equal(valid, spoiled.length === 0);
      const texts = [...catalogue(type, LANGUAGE)]
        .filter(([key]) => key.startsWith('validate.'))
        .map(([, text]) => text);
      for (const label of spoiled) {
        const message = errors.find((error) => error.startsWith(`${label}: `));
        assert.ok(message, `nothing is said of "${label}": ${errors.join(' | ')}`);
        assert.ok(texts.includes(message.slice(label.length + 2)), `${message} is not a text of the catalogue`);
      }
      assert.deepEqual(editor.faults(), []);
    });
  }

  it('are explained where the pointer rests', async () => {
    await editor.reload();
    await editor.edit(idOf('energy-charger'));
    await editor.field('baseTopic').fill('a/#/b');
    await editor.field('baseTopic').blur();
    await editor.field('baseTopic').hover();
    const text = catalogue('energy-charger', LANGUAGE).get('validate.baseTopic') ?? '';
    await editor.page.locator('.red-ui-popover', { hasText: text }).waitFor();
    await editor.cancel();
  });

  it('of an environment variable are none', async () => {
    await editor.edit(idOf('energy-charger'));
    for (const property of ['baseTopic', 'staleAfter', 'maxCurrent'])
      await editor.field(property).fill('${HOUSE_VALUE}');
    await editor.done();
    assert.deepEqual(await editor.state(idOf('energy-charger')), { changed: true, valid: true, errors: [] });
  });

  describe('in a flow that was written by hand', () => {
    before(async () => {
      await stage.red.deploy(bareNodes(all));
      await editor.reload();
    });

    for (const type of TYPES) {
      it(`are none where ${type} leaves out what has a default, which is shown`, async () => {
        const { errors } = await editor.state(idOf(type));
        await editor.edit(idOf(type));
        const given = bareNodes(all).find((node) => node.type === type) ?? {};
        const shown: [string, unknown, unknown][] = [];
        for (const { name, value } of all.find((each) => each.type === type)?.properties ?? []) {
          const field = editor.field(name);
          if (name in given || FROM_MESSAGE.has(name) || value === '' || (await field.count()) === 0) continue;
          if (typeof value === 'boolean') shown.push([name, await field.isChecked(), value]);
          if (typeof value === 'string') shown.push([name, await field.inputValue(), value]);
        }
        await editor.cancel();
        for (const [name, is, wanted] of shown) assert.equal(is, wanted, name);
        assert.deepEqual({ errors, faults: editor.faults() }, { errors: [], faults: [] });
      });
    }
  });
});

declare const jQuery: (element: unknown) => { val(text: string): { trigger(event: string): void } };
