import assert from 'node:assert/strict';
import { type Editor, Stage } from '../support/browser';
import { brokerNode } from '../support/flows';
import { MAJOR } from '../support/node-red';

describe(`editor: the dialog of energy-broker in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  const stage = new Stage();
  let editor: Editor;

  before(async function () {
    await stage.start(this);
    const saved = { protocolVersion: 'auto', keepalive: '30', cleansession: true };
    await stage.red.deploy([brokerNode(9, saved)], { broker: { user: 'house', password: 'secret' } });
    editor = await stage.open();
  });
  after(() => stage.stop());
  beforeEach(async () => {
    await editor.reload();
    await editor.edit('broker');
  });
  afterEach(() => {
    assert.deepEqual(editor.faults(), []);
  });

  const shown = async (...properties: string[]): Promise<string[]> => {
    const visible = await Promise.all(properties.map((property) => editor.field(property).isVisible()));
    return properties.filter((_property, i) => visible[i]);
  };
  /** As typed: the dialog reacts to each key. */
  const type = async (property: string, text: string): Promise<void> => {
    await editor.field(property).fill('');
    await editor.field(property).pressSequentially(text);
  };
  /** Node-RED takes a click soon after another one for a double click, and ignores it. */
  const showTab = async (tab: string, field: string): Promise<void> => {
    do await editor.tray.locator('#energy-broker-tabs').getByText(tab).click();
    while (!(await editor.field(field).isVisible()));
  };
  const tlsRow = (): Promise<boolean> => editor.tray.locator('#energy-broker-tls').isVisible();

  it('has three tabs, each with its fields', async () => {
    const fields = ['broker', 'user', 'willTopic'];
    assert.deepEqual(await shown(...fields), ['broker']);
    for (const [tab, field] of [
      ['Security', 'user'],
      ['Messages', 'willTopic'],
      ['Connection', 'broker'],
    ] as const) {
      await showTab(tab, field);
      assert.deepEqual(await shown(...fields), [field], tab);
    }
  });

  it('shows the TLS configuration once TLS is in use: by its box, or by a server', async () => {
    assert.equal(await tlsRow(), false);
    await editor.field('usetls').check();
    assert.equal(await tlsRow(), true);
    await editor.field('usetls').uncheck();
    assert.equal(await tlsRow(), false);
    await type('broker', 'first.example, mqtts://second.example');
    assert.equal(await tlsRow(), true);
    await type('broker', 'ws://second.example');
    assert.equal(await tlsRow(), false);
  });

  it('shows the port while a server needs it', async () => {
    assert.deepEqual(await shown('port'), ['port']);
    await type('broker', 'mqtt://one.example:1884, mqtt://two.example:1884');
    assert.deepEqual(await shown('port'), []);
    await type('broker', 'mqtt://one.example:1884, two.example');
    assert.deepEqual(await shown('port'), ['port']);
  });

  it('offers a session expiry where the protocol has one', async () => {
    assert.deepEqual(await shown('sessionExpiry'), ['sessionExpiry']);
    await editor.field('protocolVersion').selectOption('4');
    assert.deepEqual(await shown('sessionExpiry'), []);
    await editor.field('protocolVersion').selectOption('5');
    assert.deepEqual(await shown('sessionExpiry'), ['sessionExpiry']);
  });

  it('keeps a session only under a client id of its own', async () => {
    const clean = editor.field('cleansession');
    assert.deepEqual([await clean.isChecked(), await clean.isDisabled()], [true, true]);
    await type('clientid', 'house');
    await clean.uncheck();
    await editor.done();
    const { clientid, cleansession } = await editor.exportedNode('broker');
    assert.deepEqual({ clientid, cleansession }, { clientid: 'house', cleansession: false });
    await editor.edit('broker');
    assert.equal(await clean.isChecked(), false);
    await type('clientid', '');
    assert.deepEqual([await clean.isChecked(), await clean.isDisabled()], [true, true]);
  });

  it('loads the user name, and never the password', async () => {
    assert.equal(await editor.field('user').inputValue(), 'house');
    assert.equal(await editor.field('password').inputValue(), '__PWRD__');
  });

  it('saves what was entered', async () => {
    await type('broker', 'mqtts://broker.example');
    await editor.field('protocolVersion').selectOption('5');
    await type('sessionExpiry', '3600');
    await showTab('Messages', 'willTopic');
    await type('willTopic', 'house/nodered');
    await type('willPayload', 'gone');
    await editor.field('willQos').selectOption('1');
    await editor.field('willRetain').check();
    await editor.done();
    const { broker, protocolVersion, sessionExpiry, willTopic, willPayload, willQos, willRetain } =
      await editor.exportedNode('broker');
    assert.deepEqual(
      { broker, protocolVersion, sessionExpiry, willTopic, willPayload, willQos, willRetain },
      {
        broker: 'mqtts://broker.example',
        protocolVersion: '5',
        sessionExpiry: '3600',
        willTopic: 'house/nodered',
        willPayload: 'gone',
        willQos: '1',
        willRetain: true,
      },
    );
    assert.equal((await editor.state('broker')).valid, true);
  });
});
