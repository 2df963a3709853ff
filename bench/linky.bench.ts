/**
 * Three years of half hours (52,608 slots) decoded, priced and totalled, against a plain loop over the same numbers in the
 * same run. Prints ratios, since times depend on the machine. How to run it: see `linky.md` beside this file.
 */
import { addDays } from '../src/linky/clock';
import { LinkyPricer } from '../src/linky/pricer';
import { LinkyReader } from '../src/linky/reader';
import { localMinute, slotCount } from '../src/linky/slots';
import { Tariff } from '../src/linky/tariff';

const PDL = '09876543210123';
const TOPIC = `myelectricaldata/${PDL}/consumption/detailed`;
const FIRST = '2023-01-01';
const DAYS = 1_096;
const ROUNDS = 5;

const TARIFF = {
  option: 'HCHP',
  periods: [
    {
      from: null,
      to: null,
      subscription: 12.44,
      prices: { hc: 0.2068, hp: 0.27 },
      offPeak: [{ from: '22:38', to: '06:38' }],
    },
  ],
};

/** A day as the publisher sends it; the numbers follow no pattern that a compiler could use. */
function payload(day: number): Buffer {
  const date = addDays(FIRST, day);
  const data = Array.from({ length: slotCount(date, 30) }, (_, i) => {
    const minute = localMinute(date, 30, i);
    const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    return { time, value: (day * 7_919 + i * 104_729) % 9_000 };
  });
  return Buffer.from(JSON.stringify({ date, pdl: PDL, interval: '30min', unit: 'W', data }));
}

interface Measured {
  readonly name: string;
  readonly ms: number;
  readonly bytes: number;
}

/** One run: its time, and the heap that what it returns still holds. */
function once(run: () => object): { readonly ms: number; readonly bytes: number } {
  global.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const start = process.hrtime.bigint();
  const kept = run();
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  global.gc?.();
  const bytes = process.memoryUsage().heapUsed - heap;
  return { ms, bytes: Object.keys(kept).length > 0 ? bytes : 0 };
}

/** Best of several rounds. */
function measure(name: string, run: () => object): Measured {
  const rounds = Array.from({ length: ROUNDS }, () => once(run));
  return {
    name,
    ms: Math.min(...rounds.map(({ ms }) => ms)),
    bytes: Math.min(...rounds.map(({ bytes }) => bytes)),
  };
}

const payloads = Array.from({ length: DAYS }, (_, day) => payload(day));
const slots = payloads.reduce((sum, _, day) => sum + slotCount(addDays(FIRST, day), 30), 0);

/** Parsing, one multiplication per slot and a sum per day: the least that any solution does. */
function plainLoop(): object {
  return payloads.map((bytes) => {
    const { data } = JSON.parse(bytes.toString()) as { data: { value: number }[] };
    let kWh = 0;
    for (const { value } of data) kWh += value / 2_000;
    return { kWh, cost: kWh * 0.27 };
  });
}

const newReader = (): LinkyReader =>
  new LinkyReader({
    prefix: 'myelectricaldata',
    discoveryPrefix: '',
    pdl: '',
    datasets: [],
    detailedUnit: 'auto',
    onlyNew: true,
  });

function decode(): object {
  const reader = newReader();
  let count = 0;
  for (const bytes of payloads) {
    count += reader.accept({ topic: TOPIC, payload: bytes, retained: false, qos: 1 }, 0).messages.length;
  }
  return { reader, count };
}

function decodePriceTotal(): object {
  const reader = newReader();
  const pricer = new LinkyPricer(new Tariff(TARIFF));
  for (const bytes of payloads) {
    const { messages } = reader.accept({ topic: TOPIC, payload: bytes, retained: false, qos: 1 }, 0);
    for (const message of messages) pricer.price(message.payload);
  }
  return { reader, pricer };
}

const plain = measure('plain loop', plainLoop);
const rows = [plain, measure('decoded', decode), measure('decoded, priced, totalled', decodePriceTotal)];
console.log(`${DAYS} days, ${slots} slots, best of ${ROUNDS}`);
console.table(
  rows.map(({ name, ms, bytes }) => ({
    step: name,
    ms: Number(ms.toFixed(1)),
    'times the plain loop': Number((ms / plain.ms).toFixed(1)),
    'us per slot': Number(((ms * 1_000) / slots).toFixed(2)),
    'kept, kB': Math.round(bytes / 1_024),
    'kept, bytes per slot': Math.round(bytes / slots),
  })),
);
