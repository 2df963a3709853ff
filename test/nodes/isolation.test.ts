/** What a flow does to its own messages, and what a deploy takes away, must not reach a charger or another flow. */
import assert from 'node:assert/strict';
import { type AedesBroker, startAedes } from '../support/broker';
import { carryOut } from '../support/carry-out';
import { brokerNode, chargerFlow, chargerNode, errorProbe } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

const CLAIM = { state: 'active', charge_current: 10, auto_release: false };

/** A core Change node that does to its messages what flows do. */
const meddler = (id: string, rules: object[]): FlowNode => ({ id, type: 'change', rules, wires: [[`${id}-probe`]] });
const remove = (property: string): object => ({ t: 'delete', p: property, pt: 'msg' });
const set = (property: string, to: number): object => ({
  t: 'set',
  p: property,
  pt: 'msg',
  to: String(to),
  tot: 'num',
});

describe(`nodes: isolation in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let broker: AedesBroker;
  before(async () => {
    red = await startNodeRed();
    broker = await startAedes();
  });
  after(async () => {
    await red.stop();
    await broker.stop();
  });
  beforeEach(() => void (broker.published.length = 0));
  afterEach(() => red.deploy([]));

  const sent = (topic: string): string[] =>
    broker.published.filter((message) => message.topic === topic).map(({ payload }) => payload);

  for (const emit of ['change', 'message', 'interval']) {
    it(`a flow may take a status apart (${emit})`, async () => {
      await red.deploy([
        brokerNode(broker.port),
        chargerNode('openevse', emit),
        ...chargerFlow({ status: { emit, interval: '1', wires: [['meddler']] } }),
        meddler('meddler', [remove('payload.vehicle'), remove('payload.session')]),
        { id: 'meddler-probe', type: 'probe' },
        { id: 'other', type: 'charger-status', charger: 'charger', wires: [['others']] },
        { id: 'others', type: 'probe' },
      ]);
      await until(() => broker.subscribed.includes(`${emit}/+`), 'the connection');
      await broker.publish(`${emit}/state`, '1');
      await red.next('meddler-probe', (message) => at(message, 'payload.state') === 'disconnected');
      await broker.publish(`${emit}/pilot`, '17');
      const told = await red.next('others', (message) => at(message, 'payload.current') === 17);
      assert.equal(at(told, 'payload.vehicle.connected'), false);
      await red.next('meddler-probe', (message) => at(message, 'payload.current') === 17);
      assert.deepEqual(red.received('errors'), []);
    });
  }

  it('a flow may take the status of a house apart', async () => {
    await red.deploy([
      brokerNode(broker.port),
      { id: 'site', type: 'site-status', broker: 'broker', root: 'home', wires: [['meddler']] },
      meddler('meddler', [remove('payload.grid'), remove('payload.tariffs')]),
      { id: 'meddler-probe', type: 'probe' },
      ...errorProbe(),
    ]);
    await until(() => broker.subscribed.includes('home/site/siteTitle'), 'the connection');
    for (const title of ['one', 'two', 'three']) {
      await broker.publish('home/site/siteTitle', title);
      await red.next('meddler-probe', (message) => at(message, 'payload.title') === title);
    }
    assert.deepEqual(red.received('errors'), []);
  });

  it("a flow's change of a status is not sent to the charger", async () => {
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', 'box'),
      ...chargerFlow({ status: { wires: [['meddler']] }, control: { waitFor: 'sent' } }),
      meddler('meddler', [set('payload.control.claim.charge_current', 32)]),
      { id: 'meddler-probe', type: 'probe' },
    ]);
    await until(() => broker.subscribed.includes('box/+'), 'the connection');
    await broker.publish('box/claim', JSON.stringify(CLAIM));
    await red.next('meddler-probe', (message) => at(message, 'payload.control.claim.charge_current') === 32);
    await carryOut(red, { command: 'stop' });
    assert.deepEqual(
      sent('box/claim/set').map((payload) => JSON.parse(payload) as unknown),
      [{ ...CLAIM, state: 'disabled', max_current: 'clear' }],
    );
  });

  it("a flow's change of a result is not sent to the charger", async () => {
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', 'result'),
      ...chargerFlow({ control: { wires: [['meddler']] } }),
      meddler('meddler', [set('payload.value.charge_current', 32)]),
      { id: 'meddler-probe', type: 'probe' },
    ]);
    await until(() => broker.subscribed.includes('result/+'), 'the connection');
    await broker.publish('result/claim', JSON.stringify(CLAIM));
    await red.next('states', (message) => at(message, 'payload.control.claim.charge_current') === 10);
    red.send('control', { payload: { command: 'get', key: 'claim' } });
    await red.next('meddler-probe', (message) => at(message, 'payload.value.charge_current') === 32);
    red.send('control', { payload: { command: 'stop' } });
    await until(() => sent('result/claim/set').length > 0, 'the command');
    red.send('control', { payload: { command: 'setCurrent', current: 12 } });
    await broker.publish('result/claim', JSON.stringify({ ...CLAIM, state: 'disabled' }));
    await broker.publish('result/status', 'disabled');
    await red.next('meddler-probe', (message) => at(message, 'payload.command') === 'stop');
    await until(() => sent('result/claim/set').length > 1, 'the second command');
    assert.deepEqual(
      sent('result/claim/set').map((payload) => at(JSON.parse(payload), 'charge_current')),
      [10, 12],
    );
  });

  it('a charger that is deployed no more gets nothing more', async () => {
    const others = [brokerNode(broker.port), ...chargerFlow({ control: { charger: '', timeout: '60' } })].filter(
      ({ id }) => id !== 'status',
    );
    const charger = (name: string): FlowNode => chargerNode('go-e', name, { name });
    const sets = (): string[] =>
      broker.published.filter(({ topic }) => topic.endsWith('/set')).map(({ topic, payload }) => topic + payload);
    await red.deploy([...others, charger('old')]);
    await until(() => broker.subscribed.includes('old/+'), 'the connection');
    const ask = (payload: object): void => red.send('control', { charger: 'old', payload });
    ask({ command: 'set', key: 'amp', value: 6 });
    ask({ command: 'feed', grid: 0 });
    await until(() => sets().length === 2, 'the first commands');
    ask({ command: 'set', key: 'amp', value: 7 });
    await broker.publish('old/ids/result', 'success');
    await broker.publish('old/pgrid', '0');
    await red.next('results', (message) => at(message, 'payload.command') === 'feed');

    await red.redeploy([...others, charger('new')], 'nodes');
    await until(() => red.received('errors').length === 2, 'the end of its commands');
    assert.deepEqual(
      red.received('errors').map((message) => at(message, 'error.code')),
      ['NOT_CONNECTED', 'NOT_CONNECTED'],
    );
    await until(() => broker.connections() === 0, 'the end of its connection, and with it of the repeated feed');
    red.send('control', { charger: 'old', payload: { command: 'start' } });
    await red.next('errors', (message) => at(message, 'error.code') === 'INVALID');
    assert.deepEqual(sets(), ['old/amp/set6', 'old/ids/set{"pGrid":0}']);
  });

  it('a message that names no charger at all is told so', async () => {
    await red.deploy([
      brokerNode(broker.port),
      chargerNode('openevse', 'box'),
      ...chargerFlow({ control: { charger: '' } }),
    ]);
    const endless: Record<string, unknown> = { system: 'openevse' };
    endless['baseTopic'] = endless;
    const chargers = [endless, { system: 'openevse', baseTopic: 10n }, [], 7, true, '__proto__', { id: 'box' }];
    for (const charger of chargers) red.send('control', { charger, payload: { command: 'start' } });
    await until(() => red.received('errors').length === chargers.length, 'an error for each');
    for (const error of red.received('errors')) assert.equal(at(error, 'error.code'), 'INVALID');
    assert.deepEqual(broker.published, []);
  });
});
