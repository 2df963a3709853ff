import assert from 'node:assert/strict';
import { createOpenEvseSimulator, type OpenEvseSimulator } from '../../src/simulators/openevse';
import { startAedes } from '../support/broker';
import { catalogue, type Editor, Stage } from '../support/browser';
import { brokerNode, chargerNode } from '../support/flows';
import { MAJOR } from '../support/node-red';

const SYSTEMS = ['openevse', 'go-e', 'evcc'];

describe(`editor: the dialogs of chargers in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  const stage = new Stage();
  let charger: OpenEvseSimulator;
  let editor: Editor;

  before(async function () {
    await stage.start(this);
    const broker = await startAedes();
    stage.onStop(() => broker.stop());
    charger = createOpenEvseSimulator({ broker: broker.url, speed: 20, uptime: 28 });
    await charger.start();
    stage.onStop(() => charger.stop());
    await stage.red.deploy([
      brokerNode(broker.port),
      { ...brokerNode(9), id: 'unreachable' },
      chargerNode('openevse', 'elsewhere', { staleAfter: '', maxCurrent: '' }),
      { ...chargerNode('go-e', 'go-eCharger/123456'), id: 'carport', name: 'Carport' },
      {
        id: 'discovery',
        type: 'charger-discovery',
        name: '',
        broker: 'broker',
        systems: SYSTEMS,
        openevseTopic: 'openevse/announce/#',
        evccRoot: 'evcc',
      },
      {
        id: 'control',
        type: 'charger-control',
        name: '',
        charger: 'charger',
        command: '',
        value: '',
        valueType: 'payload',
        waitFor: 'confirmed',
        timeout: '10',
      },
      { id: 'number', type: 'charger-control', charger: 'charger', command: 'setCurrent', value: 9 },
      { id: 'object', type: 'charger-control', charger: 'charger', command: 'setCurrent', value: { current: 9 } },
      { id: 'status', type: 'charger-status', charger: 'charger', emit: 'change', interval: '10', native: false },
    ]);
    editor = await stage.open();
  });
  after(() => stage.stop());
  beforeEach(() => editor.reload());
  afterEach(() => {
    assert.deepEqual(editor.faults(), []);
  });

  describe('energy-charger', () => {
    const text = (key: string): string => catalogue('energy-charger', 'en-US').get(key) ?? key;
    const found = () => editor.tray.locator('#energy-charger-found');

    it('finds a charger that announced itself, and fills its fields', async () => {
      await editor.edit('charger');
      await editor.field('name').fill('');
      await editor.field('system').selectOption('go-e');
      await editor.tray.getByText(text('find.button')).click();
      await found().getByText(text('find.searching')).waitFor();
      await found().locator('a', { hasText: charger.name }).click();
      assert.equal(await editor.field('system').inputValue(), 'openevse');
      assert.equal(await editor.field('baseTopic').inputValue(), charger.name);
      assert.equal(await editor.field('name').inputValue(), charger.name);
      assert.equal(await found().textContent(), '');
      await editor.done();
      const { system, baseTopic, name } = await editor.exportedNode('charger');
      assert.deepEqual(
        { system, baseTopic, name },
        { system: 'openevse', baseTopic: charger.name, name: charger.name },
      );
    });

    it('keeps the name that was given before', async () => {
      await editor.edit('charger');
      await editor.tray.getByText(text('find.button')).click();
      await found().locator('a', { hasText: charger.name }).click();
      assert.equal(await editor.field('name').inputValue(), 'Garage');
      await editor.cancel();
    });

    it('tells why it cannot search', async () => {
      await editor.edit('charger');
      await editor.field('broker').selectOption('unreachable');
      await editor.tray.getByText(text('find.button')).click();
      await found().getByText(text('find.notConnected')).waitFor();
      await editor.field('broker').selectOption('_ADD_');
      await editor.tray.getByText(text('find.button')).click();
      await found().getByText(text('find.notDeployed')).waitFor();
      await editor.cancel();
      // Chromium logs each refused request.
      const unexpected = editor.faults().filter((fault) => !/status of (404|503)/.test(fault));
      assert.deepEqual(unexpected, []);
    });

    it('explains the base topic of each system', async () => {
      await editor.edit('charger');
      for (const system of SYSTEMS) {
        await editor.field('system').selectOption(system);
        assert.equal(await editor.tray.locator('#energy-charger-tip').textContent(), text(`tip.${system}`));
      }
      await editor.cancel();
    });
  });

  it('charger-discovery saves its check boxes', async () => {
    const box = (system: string) => editor.tray.locator(`input[type="checkbox"][value="${system}"]`);
    await editor.edit('discovery');
    for (const system of SYSTEMS) assert.ok(await box(system).isChecked(), system);
    await box('go-e').uncheck();
    await editor.done();
    assert.deepEqual((await editor.exportedNode('discovery'))['systems'], ['openevse', 'evcc']);
    assert.equal((await editor.state('discovery')).changed, true);
    await editor.edit('discovery');
    assert.deepEqual(await Promise.all(SYSTEMS.map((system) => box(system).isChecked())), [true, false, true]);
    await editor.cancel();
  });

  it('charger-status asks for the interval where there is one', async () => {
    await editor.edit('status');
    assert.equal(await editor.field('interval').isVisible(), false);
    await editor.field('emit').selectOption('interval');
    await editor.field('interval').fill('60');
    await editor.done();
    const { emit, interval } = await editor.exportedNode('status');
    assert.deepEqual({ emit, interval }, { emit: 'interval', interval: '60' });
  });

  describe('charger-control', () => {
    const hint = () => editor.tray.locator('#charger-control-tip');
    const value = () => editor.tray.locator('.red-ui-typedInput-container').first();

    /** Chooses a type of the typed input by its label, as a user does. */
    async function chooseType(label: string): Promise<void> {
      await value().locator('.red-ui-typedInput-type-select').click();
      await editor.page.locator('.red-ui-typedInput-options:visible a', { hasText: label }).first().click();
    }

    it('explains the value of each command', async () => {
      await editor.edit('control');
      assert.equal(await hint().isVisible(), false);
      const texts = catalogue('charger-control', 'en-US');
      const commands = await editor.field('command').locator('option').evaluateAll(valuesOf);
      assert.ok(commands.length > 20);
      for (const command of commands.filter(Boolean)) {
        await editor.field('command').selectOption(command);
        assert.equal(await hint().textContent(), texts.get(`hint.${command.replaceAll('.', '_')}`), command);
        assert.ok(await hint().isVisible(), command);
      }
      await editor.cancel();
    });

    it('saves a command with its value', async () => {
      await editor.edit('control');
      await editor.field('command').selectOption('setCurrent');
      await chooseType('number');
      await value().locator('input').first().fill('16');
      await editor.field('waitFor').selectOption('accepted');
      await editor.done();
      const { command, value: saved, valueType, waitFor } = await editor.exportedNode('control');
      assert.deepEqual(
        { command, value: saved, valueType, waitFor },
        { command: 'setCurrent', value: '16', valueType: 'num', waitFor: 'accepted' },
      );
      assert.equal((await editor.state('control')).valid, true);
    });

    for (const [id, value] of [
      ['number', 9],
      ['object', '{"current":9}'],
    ] as const) {
      it(`keeps a value that was written by hand without a type: ${id}`, async () => {
        await editor.edit(id);
        await editor.field('waitFor').selectOption('sent');
        await editor.done();
        const { value: saved, valueType } = await editor.exportedNode(id);
        assert.deepEqual({ saved, valueType }, { saved: value, valueType: 'json' });
      });
    }

    it('helps to find a key of the chosen system, and writes the value', async () => {
      await editor.edit('control');
      const key = editor.tray.locator('#charger-control-key');
      assert.equal(await key.isVisible(), false);
      await editor.field('charger').selectOption('carport');
      await editor.field('command').selectOption('set');
      await key.pressSequentially('amp');
      await editor.page
        .locator('.red-ui-popover b, .red-ui-menu b, .red-ui-autoComplete-container b', { hasText: /^amp$/ })
        .click();
      await editor.tray.locator('#charger-control-new').fill('10');
      await editor.tray.locator('#charger-control-new').blur();
      await editor.done();
      const { charger: chosen, value: saved, valueType } = await editor.exportedNode('control');
      assert.deepEqual({ chosen, valueType }, { chosen: 'carport', valueType: 'json' });
      assert.deepEqual(JSON.parse(String(saved)), { key: 'amp', value: 10 });
    });
  });
});

/** Runs in the page. */
function valuesOf(options: unknown[]): string[] {
  return options.map((option) => (option as { value: string }).value);
}
