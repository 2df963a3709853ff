/** The recorded go-e snapshot, through driver and nodes, over real brokers; commands with the documented answers. */
import assert from 'node:assert/strict';
import type { ChargerStatus } from '../../src/chargers/status';
import { at, MAJOR } from '../support/node-red';
import type { Played } from '../support/player';
import { LAST_KNOWN, SNAPSHOT, TICKS } from '../support/recorded-go-e';
import { overBrokers, type Stage } from '../support/stage';

/** As users copy it: without the slash at its end. */
const PART = { system: 'go-e', baseTopic: SNAPSHOT.base.replace(/\/$/, '') };
const SENT = [`${SNAPSHOT.base}+/set`];

/** As it publishes: keys retained, answers not, all with QoS 0. */
function published(values: Readonly<Record<string, string>>): Played[] {
  return Object.entries(values).map(([key, payload]) => ({
    topic: SNAPSHOT.base + key,
    payload,
    retain: !key.endsWith('/result'),
    qos: 0,
  }));
}

interface Step {
  readonly command: object;
  /** What is sent: key and payload. */
  readonly sent: readonly [key: string, payload: string];
  readonly answers: Readonly<Record<string, string>>;
  readonly end: string;
  readonly shows?: (status: ChargerStatus) => unknown;
  readonly expected?: unknown;
}

/** `success` is acceptance; the changed key, about a second later, is what confirms. An unchanged one is not repeated. */
const STEPS: readonly Step[] = [
  {
    command: { command: 'setCurrent', current: 12 },
    sent: ['amp', '12'],
    answers: { 'amp/result': 'success', amp: '12', acu: '12' },
    end: 'confirmed',
    shows: ({ current }) => current,
    expected: 12,
  },
  {
    command: { command: 'set', key: 'amp', value: 12 },
    sent: ['amp', '12'],
    answers: { 'amp/result': 'success' },
    end: 'unchanged',
  },
  {
    command: { command: 'stop' },
    sent: ['frc', '1'],
    answers: { 'frc/result': 'success', frc: '1', modelStatus: '4', alw: 'false' },
    end: 'confirmed',
    shows: ({ state, control }) => [state, control.by],
    expected: ['disconnected', 'manual'],
  },
  {
    command: { command: 'start' },
    sent: ['frc', '2'],
    answers: { 'frc/result': 'success', frc: '2', modelStatus: '3', alw: 'true' },
    end: 'confirmed',
    shows: ({ control }) => control.by,
    expected: 'manual',
  },
  {
    command: { command: 'release' },
    sent: ['frc', '0'],
    answers: { 'frc/result': 'success', frc: '0', modelStatus: '15' },
    end: 'confirmed',
    shows: ({ control }) => control.by,
    expected: 'charger',
  },
  {
    command: { command: 'setPhases', phases: 1 },
    sent: ['psm', '1'],
    answers: { 'psm/result': 'success', psm: '1' },
    end: 'confirmed',
    shows: ({ phases }) => phases.wanted,
    expected: 1,
  },
  {
    command: { command: 'setLimit', type: 'energy', value: 5000 },
    sent: ['dwo', '5000'],
    answers: { 'dwo/result': 'success', dwo: '5000' },
    end: 'confirmed',
    shows: ({ session }) => session.limit,
    expected: { type: 'energy', value: 5000 },
  },
  {
    command: { command: 'clearLimit' },
    sent: ['dwo', 'null'],
    answers: { 'dwo/result': 'success', dwo: 'null' },
    end: 'confirmed',
    shows: ({ session }) => session.limit,
    expected: null,
  },
  {
    command: { command: 'setMode', mode: 'eco' },
    sent: ['lmo', '4'],
    answers: { 'lmo/result': 'success', lmo: '4' },
    end: 'confirmed',
    shows: ({ mode }) => mode,
    expected: 'eco',
  },
  {
    command: { command: 'set', key: 'trx', value: 7 },
    sent: ['trx', '7'],
    answers: { 'trx/result': 'starting transaction for 7 is not allowed' },
    end: 'REFUSED',
  },
];

describe(`nodes: the recorded go-e snapshot in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);

  const told = async (stage: Stage): Promise<Omit<ChargerStatus, 'name'>> => {
    const { name: _given, ...rest } = await stage.status();
    return rest;
  };

  overBrokers(SENT, (given) => {
    beforeEach(() => given().player.keep(published(SNAPSHOT.values)));

    it('is last known values, then a live charger that takes commands', async () => {
      const { red, stage, player } = given();
      await stage.deploy([PART], player);
      // The last key of the snapshot.
      await stage.heard(({ session }) => session.energy !== null);
      assert.deepEqual(await told(stage), LAST_KNOWN);
      for (const tick of TICKS) {
        await player.play(published(tick));
        const { lastSeen, temperature, ...rest } = await told(stage);
        assert.ok(lastSeen !== null);
        assert.equal(temperature, tick['tma'] ? 28.25 : 28.125);
        const { lastSeen: _never, temperature: _before, ...known } = LAST_KNOWN;
        assert.deepEqual(rest, { ...known, online: true, stale: false, state: 'disconnected' });
      }
      for (const { command, sent, answers, end, shows, expected } of STEPS) {
        const what = JSON.stringify(command);
        const result = stage.command(command);
        const [key, payload] = sent;
        assert.deepEqual(await player.command(), { topic: `${SNAPSHOT.base}${key}/set`, payload }, what);
        await player.play(published(answers));
        const { end: outcome, result: success, error } = await result;
        assert.equal(outcome, end, what);
        const reply = at(success, 'reply') ?? at(error, 'cause.reply');
        assert.equal(reply, answers[`${key}/result`], what);
        if (shows) assert.deepEqual(shows(await stage.status()), expected, what);
      }
      // 11 kW hardware: refused before it is sent.
      assert.equal((await stage.command({ command: 'setCurrent', current: 20 })).end, 'INVALID');
      assert.deepEqual(player.unexpected, []);
      stage.assertNoneRetained(player);
      assert.deepEqual(
        red.received('errors').map((message) => at(message, 'error.code')),
        ['REFUSED', 'INVALID'],
      );
    });

    it('is offline when it falls silent, whatever the broker keeps of it', async () => {
      const { stage, player } = given();
      await stage.deploy([{ ...PART, staleAfter: '1' }], player);
      await player.play(published(TICKS[0] ?? {}));
      const { stale, state, lastSeen } = await stage.heard(({ online }) => online === false);
      assert.deepEqual([stale, state], [true, 'unavailable']);
      assert.ok(lastSeen !== null);
      assert.equal((await stage.command({ command: 'start' })).end, 'OFFLINE');
      assert.deepEqual(player.unexpected, []);
    });
  });
});
