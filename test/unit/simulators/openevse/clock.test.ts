import assert from 'node:assert/strict';
import { Clock, ManualTimeSource } from '../../../../src/simulators/clock';

describe('simulator clock', () => {
  const DAY = 86_400_000;
  const rig = (speed = 1): { source: ManualTimeSource; clock: Clock; log: number[] } => {
    const source = new ManualTimeSource(1000);
    return { source, clock: new Clock({ source, speed, startTime: 50_000 }), log: [] };
  };

  it('shows device time at its speed', () => {
    const { source, clock } = rig(60);
    source.advance(1000);
    assert.equal(clock.now(), 110_000);
  });

  it('calls back after a delay of device time, once', () => {
    const { source, clock, log } = rig(10);
    clock.after(1000, () => log.push(clock.now()));
    source.advance(99);
    assert.deepEqual(log, []);
    source.advance(10_000);
    assert.deepEqual(log, [51_000]);
  });

  it('repeats without drift, from the first delay on', () => {
    const { source, clock, log } = rig();
    clock.every(1000, () => log.push(clock.now()), 250);
    source.advance(3250);
    assert.deepEqual(log, [50_250, 51_250, 52_250, 53_250]);
  });

  it('leaves out the ticks it slept through', () => {
    let now = 0;
    let wake: () => void = () => undefined;
    const clock = new Clock({
      source: {
        now: () => now,
        schedule: (_ms, callback) => {
          wake = callback;
          return () => undefined;
        },
      },
    });
    let ticks = 0;
    clock.every(100, () => ticks++);
    now = 1234;
    wake();
    now = 1300;
    wake();
    assert.equal(ticks, 2);
  });

  it('waits longer than a timer can', () => {
    const { source, clock, log } = rig();
    clock.after(60 * DAY, () => log.push(1));
    source.advance(59 * DAY);
    assert.deepEqual(log, []);
    source.advance(DAY);
    assert.deepEqual(log, [1]);
  });

  it('cancels one, or all by stop, also from within a callback', () => {
    const { source, clock, log } = rig();
    clock.after(10, () => log.push(1))();
    const cancel = clock.every(10, () => {
      log.push(2);
      cancel();
    });
    clock.every(10, () => log.push(3));
    source.advance(10);
    clock.stop();
    assert.equal(source.pending, 0);
    source.advance(100);
    assert.deepEqual(log, [2, 3]);
  });

  it('forks the same time with timers of its own', () => {
    const { source, clock, log } = rig(2);
    source.advance(500);
    const fork = clock.fork();
    fork.after(10, () => log.push(fork.now()));
    clock.after(10, () => log.push(0));
    clock.stop();
    source.advance(100);
    assert.deepEqual(log, [51_010]);
  });

  it('refuses a speed that is none', () => {
    for (const speed of [0, -1, NaN, Infinity]) assert.throws(() => new Clock({ speed }), RangeError);
  });
});
