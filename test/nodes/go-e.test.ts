import assert from 'node:assert/strict';
import { createGoESimulator, type GoESimulator, type GoESimulatorOptions } from '../../src/simulators/go-e/simulator';
import { PROFILES, type Firmware } from '../../src/simulators/go-e/profiles';
import { type AedesBroker, startAedes } from '../support/broker';
import { carryOut, type Told } from '../support/carry-out';
import { brokerNode, chargerFlow, chargerNode } from '../support/flows';
import { at, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { isState } from '../support/states';
import { until } from '../support/until';

const FIRMWARES = Object.keys(PROFILES) as Firmware[];

/** A status node that tells when a key came, of the dozens that follow the one that makes the charger known. */
const EVERYTHING = { native: true, emit: 'message' };

describe(`nodes: a go-e charger in Node-RED ${MAJOR}`, function () {
  this.timeout(30_000);
  let red: NodeRed;
  let broker: AedesBroker;
  let chargers: GoESimulator[];

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    broker = await startAedes();
    chargers = [];
  });
  afterEach(async () => {
    await red.deploy([]);
    for (const charger of chargers) await charger.stop();
    await broker.stop();
    assert.deepEqual(
      broker.published.filter(({ topic, retain }) => topic.endsWith('/set') && retain),
      [],
      'no command was retained',
    );
  });

  function create(options: Partial<GoESimulatorOptions> = {}): GoESimulator {
    const charger = createGoESimulator({ broker: broker.url, speed: 10, ...options });
    chargers.push(charger);
    return charger;
  }

  /** As users type it: without the trailing slash. */
  const deploy = (charger: GoESimulator, { config = {}, status = {}, control = {} } = {}): Promise<void> =>
    red.deploy([
      brokerNode(broker.port),
      chargerNode('go-e', charger.baseTopic.replace(/\/$/, ''), config),
      ...chargerFlow({ status, control }),
    ]);

  /** A charger of that firmware and a flow that knows it is there. */
  async function connect(
    options: Partial<GoESimulatorOptions> = {},
    nodes: { config?: object; status?: object; control?: object } = {},
  ): Promise<GoESimulator> {
    const charger = create(options);
    await charger.start();
    await deploy(charger, nodes);
    await red.next('states', isState('disconnected'));
    return charger;
  }

  const command = (payload: object): Promise<Told> => carryOut(red, payload);
  const sets = (): string[] =>
    broker.published.filter(({ topic }) => topic.endsWith('/set')).map(({ topic, payload }) => `${topic} ${payload}`);

  it('is discovered once below either default base, whatever its firmware; one with a prefix of its own is not', async () => {
    for (const [index, firmware] of FIRMWARES.entries())
      await create({ firmware, serial: `00000${index + 1}`, variant: 22 }).start();
    await create({ serial: '000009', prefix: '/wallbox/' }).start();
    await red.deploy([
      brokerNode(broker.port),
      { id: 'discovery', type: 'charger-discovery', broker: 'broker', wires: [['found']] },
      { id: 'found', type: 'probe' },
    ]);
    await until(() => red.received('found').length >= FIRMWARES.length, 'five chargers');
    red.send('discovery', {});
    const list = await red.next('found', ({ topic }) => topic === 'charger/list');
    const found = at(list, 'payload') as Record<string, unknown>[];
    assert.deepEqual(
      found.map(({ id, baseTopic, firmware, online }) => [id, baseTopic, firmware, online]).sort(),
      FIRMWARES.map((firmware, index) => {
        const slash = PROFILES[firmware].leadingSlash ? '/' : '';
        return [`00000${index + 1}`, `${slash}go-eCharger/00000${index + 1}`, firmware, true];
      }),
    );
    assert.equal(red.received('found').length, FIRMWARES.length + 1, 'each was told once');
  });

  for (const firmware of FIRMWARES) {
    it(`${firmware}: comes from nothing over a car that charges to nobody, and tells each step`, async () => {
      const charger = create({ firmware });
      await deploy(charger, { status: { native: true } });
      await until(() => broker.subscribed.includes(`${charger.baseTopic}+/result`), 'the subscriptions');
      await charger.start();
      const first = await red.next('states', isState('disconnected'));
      assert.ok(
        red.received('states').every((message) => at(message, 'payload.online') === true),
        'nothing is told before the charger speaks',
      );
      // 053.1 and older publish no serial: the topic tells it.
      assert.deepEqual(at(first, 'charger'), {
        system: 'go-e',
        id: '000001',
        name: 'Garage',
        baseTopic: charger.baseTopic.replace(/\/$/, ''),
      });
      charger.plugIn();
      const charging = await red.next(
        'states',
        (message) => isState('charging')(message) && Number(at(message, 'payload.power')) > 10_000,
      );
      assert.equal(at(charging, 'payload.firmware'), firmware);
      assert.equal(at(charging, 'payload.vehicle.connected'), true);
      assert.equal(at(charging, 'payload.current'), 16);
      assert.equal(at(charging, 'payload.phases.active'), 3);
      assert.equal(at(charging, 'payload.control.by'), 'charger');
      assert.equal(at(charging, 'native.car'), 2);
      assert.deepEqual(red.received('errors'), []);
    });
  }

  it('with a prefix of its own is known by that prefix, and by its serial once told', async () => {
    const charger = await connect({ prefix: '/wallbox/' });
    const state = await red.next('states', (message) => at(message, 'payload.id') === '000001');
    assert.equal(at(state, 'charger.baseTopic'), '/wallbox');
    assert.equal((await command({ command: 'setCurrent', current: 10 })).end, 'confirmed');
    assert.equal(charger.getKey('amp'), 10);
    assert.deepEqual(sets(), ['/wallbox/amp/set 10']);
  });

  it('shows what the broker kept as last known only, until the charger speaks', async () => {
    const charger = create();
    await charger.start();
    charger.plugIn();
    await until(() => charger.getKey('car') === 2, 'a car that charges');
    await until(
      () => broker.published.some(({ topic, payload }) => topic.endsWith('/car') && payload === '2'),
      'car 2',
    );
    // There is no will: `car` stays 2 and `mcc` true on the broker.
    await charger.kill();
    await deploy(charger);
    const replayed = await red.next('states', (message) => at(message, 'payload.vehicle.connected') === true);
    assert.deepEqual(
      ['online', 'state', 'stale', 'lastSeen'].map((key) => at(replayed, `payload.${key}`)),
      [null, 'unknown', true, null],
    );
    charger.unplug();
    await charger.start();
    const live = await red.next('states', isState('disconnected'));
    assert.deepEqual([at(live, 'payload.online'), at(live, 'payload.stale')], [true, false]);
    assert.ok(
      red
        .received('states')
        .every(({ payload }) => (at(payload, 'online') === null) === (at(payload, 'lastSeen') === null)),
    );
  });

  describe('carries out commands', () => {
    for (const firmware of FIRMWARES.slice(1)) {
      it(`${firmware}: confirmed by the changed key, unchanged by the charger's word`, async () => {
        const charger = await connect({ firmware, variant: 22 });
        const cases: [object, string, code: unknown, told?: unknown][] = [
          [{ command: 'stop' }, 'frc', 1],
          [{ command: 'start' }, 'frc', 2],
          [{ command: 'release' }, 'frc', 0],
          [{ command: 'setCurrent', current: 10 }, 'amp', 10],
          [{ command: 'setPhases', phases: 3 }, 'psm', 2, 3],
          [{ command: 'setPhases', phases: 1 }, 'psm', 1],
          [{ command: 'setPhases', phases: 'auto' }, 'psm', 0, 'auto'],
          [{ command: 'setLimit', type: 'energy', value: 5000 }, 'dwo', 5000, { type: 'energy', value: 5000 }],
          [{ command: 'clearLimit' }, 'dwo', null],
          [{ command: 'setMode', mode: 'eco' }, 'lmo', 4, 'eco'],
          // 053.1 does not publish its name, so nothing could confirm it.
          ...(firmware === '053.1'
            ? []
            : [[{ command: 'set', key: 'fna', value: 'carport' }, 'fna', 'carport'] as [object, string, unknown]]),
        ];
        for (const [payload, key, value, words = value] of cases) {
          const told = await command(payload);
          assert.equal(told.end, 'confirmed', JSON.stringify(payload));
          assert.equal(charger.getKey(key), value, JSON.stringify(payload));
          assert.deepEqual(at(told.result, 'charger'), { system: 'go-e', id: '000001', name: 'Garage' });
          const again = await command(payload);
          for (const { result } of [told, again]) assert.deepEqual(at(result, 'value'), words, JSON.stringify(payload));
          assert.deepEqual([again.end, at(again.result, 'reply')], ['unchanged', 'success'], JSON.stringify(payload));
        }
        assert.deepEqual(red.received('errors'), []);
      });
    }

    it('050: no answers, so the echo alone confirms, silence leaves a known value unchanged, and a write-only key is sent', async () => {
      const charger = await connect({ firmware: '050' });
      assert.equal((await command({ command: 'stop' })).end, 'confirmed');
      assert.equal(charger.getKey('frc'), 1);
      assert.equal((await command({ command: 'stop' })).end, 'unchanged');
      assert.equal((await command({ command: 'set', key: 'lrn', value: 1 })).end, 'sent');
    });

    it('accepted: a write-only key, a write without effect (60.3), and where no more is waited for', async () => {
      const charger = await connect({ firmware: '60.3' }, { control: { timeout: '2' } });
      assert.equal((await command({ command: 'set', key: 'lrn', value: 1 })).end, 'accepted');
      charger.ignoreWrites(['frc']);
      const ignored = await command({ command: 'stop' });
      assert.deepEqual([ignored.end, at(ignored.result, 'reply')], ['accepted', 'success']);
      assert.ok(Number(at(ignored.result, 'elapsed')) >= 1_900, 'after all of its time');
    });

    for (const waitFor of ['accepted', 'sent'])
      it(`waits for no more than ${waitFor}`, async () => {
        await connect({}, { control: { waitFor } });
        assert.equal((await command({ command: 'setCurrent', current: 12 })).end, waitFor);
      });

    it('feeds powers, which show as one import, and ends the feed with the flow', async () => {
      const charger = await connect({ firmware: '60.3' });
      const fed = await command({ command: 'feed', grid: -3000.4, solar: 5000, battery: 0 });
      assert.equal(fed.end, 'confirmed');
      assert.deepEqual(at(fed.result, 'value'), { grid: -3000, solar: 5000, battery: 0 });
      assert.equal(charger.getKey('pgrid'), -3000);
      await red.deploy([]);
      await until(() => charger.getKey('pgrid') === null, 'the reading to expire');
      assert.equal(sets().length, 1);
    });

    it('reads what it heard, and nothing is sent for it', async () => {
      await connect({ firmware: '60.3' }, { status: EVERYTHING });
      await red.next('states', (message) => at(message, 'native.mcu') !== undefined);
      const read = await command({ command: 'get', key: 'amp' });
      assert.deepEqual([read.end, at(read.result, 'value')], ['confirmed', 16]);
      assert.equal(at((await command({ command: 'get', key: 'mcu' })).result, 'value'), '***');
      assert.deepEqual(sets(), []);
    });

    it('sends the newest of several quick ones, and tells those that it replaced', async () => {
      const charger = await connect();
      const currents = [7, 8, 9, 10, 11];
      const told = await Promise.all(currents.map((current) => command({ command: 'setCurrent', current })));
      assert.deepEqual(
        told.map(({ end }) => end),
        ['confirmed', 'SUPERSEDED', 'SUPERSEDED', 'SUPERSEDED', 'confirmed'],
      );
      assert.equal(charger.getKey('amp'), 11);
      assert.deepEqual(sets(), ['go-eCharger/000001/amp/set 7', 'go-eCharger/000001/amp/set 11']);
    });
  });

  describe('says why not', () => {
    it("REFUSED, with the charger's own words", async () => {
      await connect({ firmware: '60.3' });
      const refused = await command({ command: 'set', key: 'trx', value: 7 });
      assert.equal(refused.end, 'REFUSED');
      assert.equal(at(refused.error, 'cause.reply'), 'starting transaction for 7 is not allowed');
      assert.match(String(at(refused.error, 'message')), /starting transaction for 7 is not allowed/);
      const unknown = await command({ command: 'set', key: 'zzz', value: 1, allowUnknown: true });
      assert.deepEqual([unknown.end, at(unknown.error, 'cause.reply')], ['REFUSED', 'tried to set unknown api key 1']);
    });

    it('REFUSED before anything is sent, where the charger tells that it takes no writes (mcr)', async () => {
      await connect({ readOnly: true }, { status: EVERYTHING });
      await red.next('states', (message) => at(message, 'native.mcr') === true);
      const refused = await command({ command: 'start' });
      assert.equal(refused.end, 'REFUSED');
      assert.match(String(at(refused.error, 'message')), /mcr is on\); allow writing in the go-e app/);
      assert.deepEqual(sets(), []);
    });

    it('TIMEOUT, with mcr as the first suspect where it is not published (053.1)', async () => {
      await connect({ firmware: '053.1', readOnly: true }, { control: { timeout: '1' } });
      const silent = await command({ command: 'start' });
      assert.equal(silent.end, 'TIMEOUT');
      assert.match(
        String(at(silent.error, 'message')),
        /sent, not answered.*may be blocked \(mcr; allow it in the go-e app\)/,
      );
    });

    it('TIMEOUT, with access control as a suspect where nobody has authorised', async () => {
      const charger = await connect({ firmware: '053.1', readOnly: true }, { control: { timeout: '1' } });
      charger.setKey('acs', 1);
      await until(
        () => broker.published.some(({ topic, payload }) => topic.endsWith('/acs') && payload === '1'),
        'acs',
      );
      assert.match(String(at((await command({ command: 'start' })).error, 'message')), /acs is 1.*set trx to 0/);
    });

    const INVALID: readonly (readonly [string, object, string, string?])[] = [
      ['no command', {}, 'INVALID', 'command'],
      ['a current that is text', { command: 'setCurrent', current: 'abc' }, 'INVALID', 'current'],
      ['a fraction of an ampere', { command: 'setCurrent', current: 10.5 }, 'INVALID', 'current'],
      ['less than a car charges with', { command: 'setCurrent', current: 5 }, 'INVALID', 'current'],
      ['more than this hardware has', { command: 'setCurrent', current: 20 }, 'INVALID', 'current'],
      ['more than the user allows', { command: 'setCurrent', current: 15 }, 'INVALID', 'current'],
      ['more by its key', { command: 'set', key: 'amp', value: 15 }, 'INVALID', 'value'],
      ['two phases', { command: 'setPhases', phases: 2 }, 'INVALID', 'phases'],
      ['an unknown key', { command: 'set', key: 'nope', value: 1 }, 'INVALID', 'key'],
      ['a read-only key', { command: 'set', key: 'alw', value: true }, 'INVALID', 'key'],
      ['a key of another topic', { command: 'set', key: 'amp/set', value: 8, allowUnknown: true }, 'INVALID', 'key'],
      ['a prefix that cuts the charger off', { command: 'set', key: 'mtp', value: 'x' }, 'INVALID', 'key'],
      ['the same, with consent', { command: 'set', key: 'mtp', value: 'x', allowRisky: true }, 'INVALID', 'value'],
      ['a number as text', { command: 'set', key: 'amp', value: '10' }, 'INVALID', 'value'],
      ['a feed without grid', { command: 'feed', solar: 5 }, 'INVALID', 'grid'],
      ['a limit by time', { command: 'setLimit', type: 'time', value: 60 }, 'UNSUPPORTED'],
      ['a mode that it lacks', { command: 'setMode', mode: 'surplus' }, 'UNSUPPORTED'],
      ['a command of another system', { command: 'claim', state: 'active' }, 'UNSUPPORTED'],
    ];
    it('INVALID and UNSUPPORTED, before anything is published', async () => {
      await connect({}, { config: { maxCurrent: '14' } });
      for (const [what, payload, code, path] of INVALID) {
        const told = await command(payload);
        assert.equal(told.end, code, what);
        if (path !== undefined) assert.equal(at(told.error, 'cause.details.0.path'), path, what);
      }
      assert.deepEqual(sets(), []);
      assert.deepEqual(red.received('results'), []);
    });

    it('OFFLINE after a silence, and sends none of it later', async () => {
      const charger = await connect({}, { config: { staleAfter: '1' } });
      await charger.kill();
      const gone = await red.next('states', (message) => at(message, 'payload.online') === false);
      assert.deepEqual([at(gone, 'payload.state'), at(gone, 'payload.stale')], ['unavailable', true]);
      assert.equal((await command({ command: 'start' })).end, 'OFFLINE');
      await charger.start();
      await until(() => at(red.received('states').at(-1), 'payload.online') === true, 'its return');
      assert.deepEqual(sets(), []);
    });
  });

  it('masks secrets: in native values, and where the charger repeats them', async () => {
    await connect({ firmware: '60.3' }, { status: { native: true } });
    const secret = 'correct horse battery';
    const state = await red.next('states', (message) => at(message, 'native.wifis') !== undefined);
    for (const key of ['mcu', 'wifis', 'cards', 'c0n']) assert.equal(at(state, `native.${key}`), '***', key);
    // This model has no such key, so it answers with the payload.
    const refused = await command({ command: 'set', key: 'ocppck', value: secret });
    assert.deepEqual([refused.end, at(refused.error, 'cause.reply')], ['REFUSED', 'tried to set unknown api key ***']);
    const done = await command({ command: 'set', key: 'c0n', value: secret });
    assert.equal(at(done.result, 'value'), '***');
    // The caught message itself is the flow's own, with what the flow put into it.
    const errors = red.received('errors').map((message) => at(message, 'error'));
    const told = JSON.stringify([red.received('states'), red.received('results'), errors]);
    assert.ok(!told.includes('horse') && !told.includes(broker.url), 'no message holds a secret');
  });

  it('keeps what it knew over a broker that restarts without memory', async () => {
    const charger = await connect({ firmware: '60.3' });
    await command({ command: 'setCurrent', current: 10 });
    await broker.stop();
    const lost = await red.next('states', (message) => at(message, 'payload.online') === null);
    assert.deepEqual([at(lost, 'payload.state'), at(lost, 'payload.id')], ['unknown', '000001']);
    assert.equal((await command({ command: 'start' })).end, 'NOT_CONNECTED');
    broker = await startAedes(broker.port);
    await until(() => at(red.received('states').at(-1), 'payload.online') === true, 'its return');
    assert.equal(at((await command({ command: 'get', key: 'amp' })).result, 'value'), 10);
    assert.deepEqual([sets(), charger.getKey('frc')], [[], 0], 'the command given meanwhile is not sent later');
  });
});
