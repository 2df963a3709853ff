/**
 * What loading the package costs before a broker is deployed: time and memory of requiring all node files, against
 * requiring nothing and against requiring MQTT.js. Each measurement is a process of its own; best of several rounds.
 * Run it with `node dist/bench/load.bench.js` after a build with tests.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ROUNDS = 15;

interface Cost {
  readonly ms: number;
  /** MB */
  readonly heap: number;
  /** MB */
  readonly rss: number;
}

/** Requires the files in a new process. */
function measure(files: readonly string[]): Cost {
  const script = `
    const files = ${JSON.stringify(files)};
    gc();
    const { heapUsed, rss } = process.memoryUsage();
    const start = process.hrtime.bigint();
    for (const file of files) require(file);
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    gc();
    const after = process.memoryUsage();
    process.stdout.write(JSON.stringify({ ms, heap: (after.heapUsed - heapUsed) / 1e6, rss: (after.rss - rss) / 1e6 }));
  `;
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', '-e', script]).toString()) as Cost;
}

const nodes = path.join(__dirname, '../nodes');
const CASES: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  'all nodes': fs
    .readdirSync(nodes)
    .filter((name) => name.endsWith('.js'))
    .map((name) => path.join(nodes, name)),
  mqtt: [require.resolve('mqtt')],
};

/** The least of each, since everything else on the machine only adds to them. */
function best(costs: readonly Cost[]): Cost {
  const least = (of: (cost: Cost) => number): number => Math.min(...costs.map(of));
  return { ms: least(({ ms }) => ms), heap: least(({ heap }) => heap), rss: least(({ rss }) => rss) };
}

const costs = new Map<string, Cost[]>(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, files] of Object.entries(CASES)) costs.get(name)?.push(measure(files));
}
const mqtt = best(costs.get('mqtt') ?? []);
console.log(`Required in a new process, best of ${ROUNDS}`);
console.table(
  Object.entries(CASES).map(([name, files]) => {
    const { ms, heap, rss } = best(costs.get(name) ?? []);
    return {
      required: name,
      files: files.length,
      ms: Number(ms.toFixed(1)),
      'heap, MB': Number(heap.toFixed(2)),
      'resident, MB': Number(rss.toFixed(2)),
      'time, share of mqtt': Number((ms / mqtt.ms).toFixed(2)),
      'heap, share of mqtt': Number((heap / mqtt.heap).toFixed(2)),
    };
  }),
);
