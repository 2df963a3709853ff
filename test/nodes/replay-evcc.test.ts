/** The recorded traffic of evcc 0.313.2, through driver and nodes, over real brokers. */
import assert from 'node:assert/strict';
import type { Told } from '../support/carry-out';
import { at, MAJOR } from '../support/node-red';
import {
  EXCHANGES,
  isCommand,
  picked,
  PLAN_TIME,
  type Recorded,
  recording,
  REWORDED,
  STATUSES,
} from '../support/recorded-evcc';
import { overBrokers } from '../support/stage';

/** The loadpoints of the recording; 7 and 9 are none, though others wrote to them. */
const INDEXES = [1, 2, 3, 7, 9];
const PARTS = INDEXES.map((index) => ({ system: 'evcc', baseTopic: `evcc/loadpoints/${index}` }));
const SENT = ['evcc/loadpoints/+/+/set', 'evcc/site/+/set', 'evcc/vehicles/+/+/set'];

/** The plans of the recording are for its own day: here for tomorrow, in commands and answers alike. */
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
const seconds = (time: string): string => String(Date.parse(time) / 1000);
const postponed = (text: string): string =>
  text.replaceAll(PLAN_TIME, TOMORROW).replaceAll(seconds(PLAN_TIME), seconds(TOMORROW));

/** The recorded commands that all systems have, in the words of all systems: evcc gets the same payload. */
const NEUTRAL: Readonly<Record<number, object>> = {
  1_183: { command: 'start' },
  65_139: { command: 'start' },
  65_441: { command: 'setMode', mode: 'fast' },
  66_044: { command: 'setMode', mode: 'min+surplus' },
  66_349: { command: 'setMode', mode: 'surplus' },
  67_257: { command: 'setLimit', type: 'soc', value: 80 },
  67_559: { command: 'setLimit', type: 'soc', value: 80 },
  69_671: { command: 'setCurrent', current: 20 },
  70_277: { command: 'setCurrent', current: 5 },
  70_579: { command: 'setCurrent', current: 16 },
  71_488: { command: 'setLimit', type: 'energy', value: 12_500 },
  78_449: { command: 'setPhases', phases: 'auto' },
  78_750: { command: 'setPhases', phases: 1 },
  79_356: { command: 'setPhases', phases: 'auto' },
  79_965: { command: 'plan', time: TOMORROW, energy: 7_500 },
  80_268: { command: 'plan', time: '2024-01-01T00:00:00Z', energy: 3_000 },
  80_876: { command: 'plan.clear' },
  84_209: { command: 'plan', time: TOMORROW, soc: 80, vehicle: 'vehicle_1' },
  84_813: { command: 'plan.clear', vehicle: 'vehicle_1' },
  93_861: { command: 'start' },
};

describe(`nodes: the recorded traffic of evcc in Node-RED ${MAJOR}`, function () {
  this.timeout(120_000);
  const rows = recording().map((row): Recorded => ({ ...row, payload: postponed(row.payload) }));

  overBrokers(SENT, (given) => {
    it('has the documented status at every step and the right outcome for every command', async () => {
      const { red, stage, player } = given();
      await stage.deploy(PARTS, player);
      const due = [...STATUSES].sort(([, one], [, other]) => one - other);
      const wanted = [...EXCHANGES];
      let messages: Recorded[] = [];
      let pending: { readonly told: Promise<Told>; readonly what: string; readonly expected: string } | undefined;
      const catchUp = async (): Promise<void> => {
        await player.play(messages);
        messages = [];
        if (pending === undefined) return;
        const { end, error } = await pending.told;
        assert.equal(end, pending.expected, `${pending.what}: ${String(at(error, 'message'))}`);
        pending = undefined;
      };
      const check = async (until: number): Promise<void> => {
        for (let next = due[0]; next && next[1] < until; next = due[0]) {
          await catchUp();
          const [what, ms, index, expected] = next;
          const status = await stage.status(INDEXES.indexOf(index));
          assert.deepEqual(picked(status, expected), expected, `loadpoint ${index}, ${ms} ms: ${what}`);
          due.shift();
        }
      };
      for (const row of rows) {
        await check(row.at);
        if (!isCommand(row)) {
          messages.push(row);
          continue;
        }
        await catchUp();
        const [ms = 0, place = '', value, expected = ''] = wanted.shift() ?? [];
        const [, index = '1', topic = ''] = /^(?:(\d) )?(.*)$/.exec(place) ?? [];
        const what = `${place} = ${JSON.stringify(value)} at ${row.at} ms`;
        assert.equal(ms, row.at, what);
        const own = JSON.parse(postponed(JSON.stringify({ command: 'set', topic, value }))) as object;
        const told = stage.command(NEUTRAL[ms] ?? own, INDEXES.indexOf(Number(index)));
        pending = { told, what, expected };
        // What evcc refused is refused before it is sent.
        if (/^[A-Z]+$/.test(expected)) continue;
        assert.deepEqual(await player.command(), { topic: row.topic, payload: REWORDED[ms] ?? row.payload }, what);
      }
      await check(Infinity);
      await catchUp();
      assert.deepEqual([due, wanted, player.unexpected], [[], [], []]);
      stage.assertNoneRetained(player);
      const codes = EXCHANGES.map(([, , , expected]) => expected).filter((expected) => /^[A-Z]+$/.test(expected));
      assert.deepEqual(
        red.received('errors').map((message) => at(message, 'error.code')),
        codes,
      );
    });

    it('makes no state of what the broker kept, until evcc speaks', async () => {
      const { stage, player } = given();
      await player.keep(rows.filter((row) => row.at < 60_000 && !isCommand(row)));
      await stage.deploy(PARTS, player);
      const replayed = await stage.heard(({ power, vehicle }) => power !== null && vehicle.soc !== null);
      assert.deepEqual(
        [replayed.online, replayed.lastSeen, replayed.stale, replayed.state],
        [null, null, true, 'unknown'],
      );
      // The values are those of the last cycle before, as loadpoint 1 published them at 58.1 s.
      assert.deepEqual([replayed.name, replayed.mode, replayed.power], ['Carport', 'surplus', 3680]);
      assert.deepEqual([replayed.vehicle.name, replayed.vehicle.soc], ['blue e-Golf', 62.4]);
      // One control interval later.
      await player.play(rows.filter((row) => row.at > 60_000 && row.at < 65_000));
      const live = await stage.status();
      assert.deepEqual([live.online, live.stale, live.state, live.power], [true, false, 'charging', 3680]);
    });

    it('is offline to who comes after the stop', async () => {
      const { stage, player } = given();
      await player.keep(rows.filter((row) => !isCommand(row)));
      await stage.deploy(PARTS, player);
      const { online, lastSeen, stale, state, power } = await stage.heard((status) => status.online !== null);
      assert.deepEqual([online, lastSeen, stale, state, power], [false, null, true, 'unavailable', null]);
      assert.equal((await stage.command({ command: 'start' })).end, 'OFFLINE');
      assert.deepEqual(player.unexpected, []);
    });
  });
});
