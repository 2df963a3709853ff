import assert from 'node:assert/strict';
import { createEvccSimulator, type EvccSimulator } from '../../src/simulators/evcc/simulator';
import { type AedesBroker, startAedes } from '../support/broker';
import { brokerNode, errorProbe } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { isOnline } from '../support/states';

describe(`nodes: site-status in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let broker: AedesBroker;
  let evcc: EvccSimulator;

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    broker = await startAedes();
    evcc = createEvccSimulator({ broker: broker.url, speed: 20 });
    await evcc.start();
  });
  afterEach(async () => {
    await red.deploy([]);
    await evcc.stop();
    await broker.stop();
  });

  const site = (id: string, properties = {}): FlowNode[] => [
    { id, type: 'site-status', broker: 'broker', wires: [[`${id}-out`]], ...properties },
    { id: `${id}-out`, type: 'probe' },
  ];

  it('tells what evcc reports of the house, all members of it', async () => {
    await red.deploy([brokerNode(broker.port), ...site('site'), ...errorProbe()]);
    const message = await red.next(
      'site-out',
      (each) => isOnline(each) && typeof at(each, 'payload.grid.power') === 'number',
    );
    assert.equal(at(message, 'topic'), 'evcc/site');
    const payload = at(message, 'payload') as object;
    assert.deepEqual(Object.keys(payload), [
      ...['online', 'grid', 'pv', 'battery', 'home', 'tariffs', 'greenShare', 'currency', 'title', 'version'],
    ]);
    const members = (path: string): string[] => Object.keys(at(payload, path) as object);
    assert.deepEqual(['grid', 'pv', 'battery', 'home', 'tariffs'].map(members), [
      ['power', 'energy', 'currents'],
      ['power', 'energy', 'meters'],
      ['power', 'soc', 'mode', 'meters'],
      ['power'],
      ['grid', 'feedIn', 'co2', 'solar'],
    ]);
    assert.deepEqual(members('pv.meters.0'), ['name', 'title', 'power', 'energy']);
    assert.deepEqual(members('battery.meters.0').slice(4), ['soc', 'capacity', 'controllable']);
    assert.ok((at(message, 'changed') as string[]).length > 0);
    assert.equal(typeof at(message, 'payload.version'), 'string');
    assert.deepEqual(red.received('errors'), []);
  });

  it('shares one state: one subscription per filter, and each node sends in its own way', async () => {
    await red.deploy([
      brokerNode(broker.port),
      ...site('changes'),
      ...site('seconds', { emit: 'interval', interval: '1' }),
      ...site('messages', { emit: 'message', root: '/evcc/' }),
    ]);
    await red.next('changes-out', isOnline);
    await red.next('seconds-out', isOnline);
    await red.next('messages-out', isOnline);
    const site_ = broker.subscribed.filter((filter) => filter.startsWith('evcc/site/'));
    assert.equal(new Set(site_).size, site_.length);
    assert.ok(red.received('messages-out').length > red.received('changes-out').length);
  });

  it('answers any message with what it knows now', async () => {
    await red.deploy([brokerNode(broker.port), ...site('site', { emit: 'interval', interval: '3600' })]);
    red.send('site', { payload: 'anything', kept: 1 });
    const message = await red.next('site-out');
    assert.equal(at(message, 'kept'), 1);
    assert.equal(at(message, 'topic'), 'evcc/site');
    assert.ok(at(message, 'payload.grid') !== undefined);
  });

  it('refuses a root that is no topic', async () => {
    await red.deploy([brokerNode(broker.port), ...site('site', { root: 'evcc/#' }), ...errorProbe()]);
    assert.equal(at(await red.next('errors'), 'error.code'), 'INVALID');
  });

  it('serves the values of a system to the editor, and none of an unknown one', async () => {
    const response = await fetch(`${red.url}home-energy/values/go-e`);
    const entries = (await response.json()) as { name: string }[];
    assert.ok(entries.some(({ name }) => name === 'amp'));
    assert.equal((await fetch(`${red.url}home-energy/values/openevse`)).status, 404);
  });
});
