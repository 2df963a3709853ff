/** The recorded session of the OpenEVSE firmware, through driver and nodes, over real brokers. */
import assert from 'node:assert/strict';
import type { Told } from '../support/carry-out';
import { MAJOR } from '../support/node-red';
import type { Played } from '../support/player';
import { BASE, COMMANDS, configOf, type Line, session, shown, STATUSES } from '../support/recorded-openevse';
import { overBrokers } from '../support/stage';

const PARTS = [{ system: 'openevse', baseTopic: BASE }];
/** Everything that a client may send it. */
const SENT = [`${BASE}/+/set`, `${BASE}/+/clear`, `${BASE}/restart`, `${BASE}/rapi/in/+`, 'home/#', 'car/#'];

/** The configuration as the broker keeps it from before: the session starts with another start window. */
const BEFORE: Played = {
  topic: `${BASE}/config`,
  payload: configOf({ scheduler_start_window: 600 }),
  retain: true,
  qos: 0,
};

/**
 * The session's course as a user sees it: no car; charging; then each pause that a claim, an override (twice), a reached
 * limit, a schedule, eco without sun and a shaper without data make, each ended by the command that follows; a fault; a
 * vehicle that leaves. After a pause the controller may be seen in its state 2, connected, before it charges: that is
 * left out here.
 */
const COURSE = [
  ...['unknown', 'disconnected', 'charging'],
  ...['paused', 'charging', 'paused', 'charging', 'paused', 'charging'],
  ...['complete', 'charging'],
  ...['paused', 'charging', 'paused', 'charging', 'paused', 'charging'],
  ...['error', 'charging', 'disconnected'],
];

describe(`nodes: the recorded OpenEVSE session in Node-RED ${MAJOR}`, function () {
  this.timeout(120_000);

  overBrokers(SENT, (given) => {
    it('has the right status at every step and the right outcome for every command', async () => {
      const { red, stage, player } = given();
      await player.keep([BEFORE]);
      await stage.deploy(PARTS, player);
      const { online, lastSeen, stale, state, firmware } = await stage.heard((status) => status.firmware !== null);
      assert.deepEqual([online, lastSeen, stale, state], [null, null, true, 'unknown'], 'only replays so far');
      assert.equal(firmware, 'v5.1.5-395-g1797b7a3');

      const due = [...STATUSES];
      const wanted = [...COMMANDS];
      let lines: Line[] = [];
      let pending: { readonly told: Promise<Told>; readonly what: string; readonly ending: string } | undefined;
      const catchUp = async (): Promise<void> => {
        await player.play(lines.filter((line) => line.kind === 'message'));
        lines = [];
        if (pending === undefined) return;
        const { end, result } = await pending.told;
        assert.equal(end, pending.ending, `${pending.what}: ${JSON.stringify(result)}`);
        pending = undefined;
      };
      const check = async (before: number): Promise<void> => {
        for (let next = due[0]; next && next[0] <= before; next = due[0]) {
          await catchUp();
          const [ms, what, expected] = next;
          assert.deepEqual(shown(await stage.status(), expected), expected, `${what}, ${ms} ms`);
          due.shift();
        }
      };
      for (const line of session()) {
        await check(line.ms - 1);
        lines.push(line);
        if (line.kind !== 'command') continue;
        await catchUp();
        const ours = wanted.shift();
        if (ours === undefined) assert.fail(`unexpected ${line.topic}`);
        if (ours === null) continue;
        const [command, params, ending] = ours;
        const what = `${command} at ${line.ms} ms`;
        pending = { told: stage.command({ command, ...params }), what, ending };
        assert.deepEqual(await player.command(), { topic: line.topic, payload: line.payload }, what);
      }
      await catchUp();
      assert.deepEqual([due, wanted, player.unexpected], [[], [], []]);
      assert.deepEqual(
        stage.states().filter((state) => state !== 'connected'),
        COURSE,
      );
      // The last line is the will of a killed gateway, which is believed when no birth follows.
      const last = await stage.heard((status) => status.online === false);
      assert.deepEqual([last.online, last.stale, last.state], [false, true, 'unavailable']);
      assert.equal((await stage.command({ command: 'start' })).end, 'OFFLINE');
      assert.deepEqual(player.unexpected, []);
      stage.assertNoneRetained(player);
      assert.deepEqual(
        red.received('errors').map(({ error }) => (error as { code: unknown }).code),
        ['OFFLINE'],
      );
    });

    it('is values without life to who comes later, until the charger speaks', async () => {
      const { stage, player } = given();
      const messages = session().filter((line) => line.kind === 'message');
      await player.keep(messages.filter(({ ms }) => ms < 381_000));
      await stage.deploy(PARTS, player);
      const replayed = await stage.heard(
        ({ control, session: { limit } }) => control.claim !== null && control.override !== null && limit !== null,
      );
      // Retained are the announcement and the documents only: `mqtt_retained` is off.
      assert.deepEqual(
        [replayed.online, replayed.lastSeen, replayed.stale, replayed.state, replayed.power],
        [null, null, true, 'unknown', null],
      );
      assert.equal(replayed.id, '9c9c1fe57b2c');
      assert.deepEqual(replayed.control.claim, { state: 'active', charge_current: 8, auto_release: true });
      assert.deepEqual(replayed.session.limit, { type: 'time', value: 36_000 });
      // A second of charging at 12 A, as the override has it: current, voltage, power.
      await player.play(messages.filter(({ ms }) => ms > 381_520 && ms < 389_516));
      const live = await stage.status();
      assert.deepEqual([live.online, live.stale], [true, false]);
      assert.deepEqual([live.voltages[0], live.control.override?.['charge_current']], [231.4, 12]);
    });

    it('is offline to who comes when only its will is left', async () => {
      const { stage, player } = given();
      await player.keep(session().filter((line) => line.kind === 'message'));
      await stage.deploy(PARTS, player);
      const { id, lastSeen, stale, state } = await stage.heard((status) => status.online === false);
      assert.deepEqual([id, lastSeen, stale, state], ['9c9c1fe57b2c', null, true, 'unavailable']);
      assert.equal((await stage.command({ command: 'start' })).end, 'OFFLINE');
      assert.deepEqual(player.unexpected, []);
    });
  });
});
