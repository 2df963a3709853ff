import assert from 'node:assert/strict';
import { catalogue, type Editor, Stage, TYPES } from '../support/browser';
import { brokerNode } from '../support/flows';
import { type FlowNode, MAJOR } from '../support/node-red';

const OPENREMOTE = TYPES.filter((type) => type.startsWith('openremote-'));
const USER = { user: 'house:node-red', password: 'secret' };

/** A text of a catalogue with its placeholders filled. */
function text(key: string, values: Readonly<Record<string, string>>): string {
  const raw = catalogue('openremote-asset', 'en-US').get(key) ?? '';
  return raw.replaceAll(/__(\w+)__/g, (_, name: string) => values[name] ?? '');
}

describe(`editor: the dialogs of OpenRemote in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  const stage = new Stage();
  let editor: Editor;
  before(async function () {
    await stage.start(this);
    const brokers: FlowNode[] = [
      { ...brokerNode(9), id: 'good', clientid: 'node-red' },
      { ...brokerNode(9), id: 'bad', clientid: 'node red/1' },
      { ...brokerNode(9), id: 'invalid', clientid: 'node-red', port: 'no port' },
      { ...brokerNode(9), id: 'environment', clientid: '${HOUSE_CLIENT}' },
    ];
    const users = ['good', 'bad', 'invalid', 'environment', 'nowhere'].flatMap((broker) =>
      OPENREMOTE.map((type) => ({ id: `${broker} ${type}`, type, broker })),
    );
    await stage.red.deploy([...brokers, ...users], { good: USER, bad: { user: 'nobody', password: '' } });
    editor = await stage.open();
  });
  after(() => stage.stop());
  afterEach(() => {
    assert.deepEqual(editor.faults(), []);
  });

  for (const type of OPENREMOTE) {
    const errorsWith = async (broker: string): Promise<readonly string[]> =>
      (await editor.state(`${broker} ${type}`)).errors;

    it(`${type}: refuses a broker whose client id cannot stand in topics`, async () => {
      assert.deepEqual(await errorsWith('good'), []);
      assert.deepEqual(await errorsWith('environment'), []);
      const [error = '', ...others] = await errorsWith('bad');
      assert.ok(error.endsWith(text('address.badClientId', { clientId: 'node red/1' })), error);
      assert.deepEqual(others, []);
    });

    it(`${type}: refuses a broker that is missing or is not valid itself`, async () => {
      assert.equal((await errorsWith('nowhere')).length, 1);
      assert.equal((await errorsWith('invalid')).length, 1);
    });

    it(`${type}: shows realm and client id as they will be used, and what a user name has to be`, async () => {
      const tip = editor.tray.locator('.form-tips').first();
      await editor.edit(`good ${type}`);
      await tip.getByText(text('address.topics', { prefix: 'house/node-red/' })).waitFor();
      await editor.field('realm').fill('garden');
      await tip.getByText(text('address.topics', { prefix: 'garden/node-red/' })).waitFor();
      await editor.cancel();
      await editor.edit(`bad ${type}`);
      await tip.getByText(text('address.badUser', { user: 'nobody' })).waitFor();
      await tip.getByText(text('address.badClientId', { clientId: 'node red/1' })).waitFor();
      await editor.cancel();
    });
  }

  it('openremote-asset: gives a template to start from', async () => {
    await editor.edit('good openremote-asset');
    await editor.field('operation').selectOption('create');
    await editor.tray.locator('#openremote-asset-example').click();
    await editor.done();
    const { template, templateType } = await editor.exportedNode('good openremote-asset');
    assert.equal(templateType, 'json');
    assert.equal((JSON.parse(String(template)) as { type: string }).type, 'PresenceSensorAsset');
    await editor.reload();
  });
});
