/** The dialogs of the Linky nodes: what they make of flows that were written by hand, or that lost a node. */
import assert from 'node:assert/strict';
import { type Editor, Stage } from '../support/browser';
import { brokerNode } from '../support/flows';
import { MAJOR } from '../support/node-red';

/** Nothing listens there: the nodes stay offline. */
const BROKER = brokerNode(9);
const PERIOD = { from: null, to: null, prices: { hc: 0.16, hp: 0.21 }, offPeak: [{ from: '22:30', to: '06:30' }] };
const SAVED = { ...PERIOD, subscription: null, offPeak: [{ days: [], from: '22:30', to: '06:30' }] };

describe(`editor: Linky dialogs in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  const stage = new Stage();
  let editor: Editor;

  before(async function () {
    await stage.start(this);
    await stage.red.deploy([
      BROKER,
      { id: 'empty', type: 'linky-tariff', name: 'Home', option: 'BASE', periods: [] },
      { id: 'bare', type: 'linky-tariff' },
      { id: 'written', type: 'linky-tariff', option: 'HCHP', periods: [PERIOD] },
      { id: 'consumption', type: 'linky-consumption', broker: BROKER.id },
      { id: 'command', type: 'linky-command', broker: BROKER.id },
      { id: 'cost', type: 'linky-cost', tariff: 'written', broker: BROKER.id, colors: 'tempo/today' },
      { id: 'plain', type: 'linky-cost', tariff: 'written', broker: '', colors: '' },
      { id: 'colours', type: 'linky-cost', tariff: 'written', broker: '', colors: 'tempo/today' },
      { id: 'orphan', type: 'linky-cost', tariff: 'written', broker: 'gone', colors: 'tempo/today' },
    ]);
    editor = await stage.open();
  });
  afterEach('no fault of the page', () => assert.deepEqual(editor.faults(), []));
  after(() => stage.stop());

  const valueOf = (property: string): Promise<string> => editor.field(property).inputValue();
  const save = async (id: string): Promise<Readonly<Record<string, unknown>>> => {
    await editor.done();
    return editor.exportedNode(id);
  };

  describe('linky-tariff', () => {
    const rows = (): Promise<number> => editor.tray.locator('[data-field="from"]').count();

    it('offers a first period, and saves it only when something was entered', async () => {
      await editor.edit('empty');
      assert.equal(await rows(), 1);
      assert.deepEqual((await save('empty'))['periods'], []);
      assert.equal((await editor.state('empty')).changed, false);

      await editor.edit('empty');
      assert.equal(await rows(), 1);
      await editor.tray.locator('[data-field="prices.base"]').fill('0,1952');
      const { periods } = await save('empty');
      assert.deepEqual(periods, [{ from: null, to: null, subscription: null, prices: { base: 0.1952 }, offPeak: [] }]);
      assert.deepEqual(await editor.state('empty'), { changed: true, valid: true, errors: [] });
    });

    it('leaves out a period that was added and not filled in', async () => {
      await editor.edit('written');
      await editor.tray.locator('.red-ui-editableList-addButton').click();
      assert.equal(await rows(), 2);
      assert.deepEqual((await save('written'))['periods'], [SAVED]);
    });

    it('opens a contract that was written by hand, without option, periods or weekdays', async () => {
      await editor.edit('bare');
      assert.deepEqual([await valueOf('option'), await rows()], ['BASE', 1]);
      const { option, periods } = await save('bare');
      assert.deepEqual([option, periods], ['BASE', []]);
      await editor.edit('written');
      assert.equal(await editor.tray.locator('.linky-tariff-window input:checked').count(), 7, 'every day');
      assert.deepEqual((await save('written'))['periods'], [SAVED]);
    });
  });

  it('linky-consumption shows the default of what a flow leaves out', async () => {
    await editor.edit('consumption');
    assert.deepEqual(await Promise.all(['prefix', 'discoveryPrefix', 'detailedUnit', 'pdl'].map(valueOf)), [
      'myelectricaldata',
      'homeassistant',
      'auto',
      '',
    ]);
    assert.ok(await editor.field('onlyNew').isChecked());
    const { prefix, discoveryPrefix, detailedUnit, onlyNew, datasets } = await save('consumption');
    assert.deepEqual(
      [prefix, discoveryPrefix, detailedUnit, onlyNew, datasets],
      ['myelectricaldata', 'homeassistant', 'auto', true, []],
    );
    assert.deepEqual((await editor.state('consumption')).errors, []);
  });

  it('linky-command shows the default of what a flow leaves out', async () => {
    await editor.edit('command');
    assert.deepEqual(await Promise.all(['prefix', 'command', 'waitFor', 'timeout'].map(valueOf)), [
      'myelectricaldata',
      '',
      'confirmed',
      '120',
    ]);
    const { prefix, command, waitFor, timeout } = await save('command');
    assert.deepEqual([prefix, command, waitFor, timeout], ['myelectricaldata', '', 'confirmed', '120']);
    assert.deepEqual((await editor.state('command')).errors, []);
  });

  describe('linky-cost', () => {
    it('needs a broker for a colour topic only, and says so', async () => {
      assert.deepEqual((await editor.state('cost')).errors, []);
      assert.deepEqual((await editor.state('plain')).errors, []);
      assert.deepEqual((await editor.state('colours')).errors, [
        'Tempo colours: choose the broker of the colour topic',
      ]);
    });

    it('says that its broker is gone', async () => {
      const { valid, errors } = await editor.state('orphan');
      assert.equal(valid, false);
      assert.equal(errors.length, 1, errors.join());
      assert.match(errors[0]!, /Broker of colours/);
    });

    it('takes the broker that stands in its dialog', async () => {
      await editor.edit('colours');
      await editor.field('broker').selectOption(BROKER.id);
      await editor.done();
      assert.deepEqual((await editor.state('colours')).errors, []);
    });
  });
});
