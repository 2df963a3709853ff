// `npm run demo -- --check`: presses the example flows' buttons over Node-RED's HTTP API, and looks at what they say
// in the debug sidebar and at what arrives at the broker. One line per check.
import mqtt from 'mqtt';
import WebSocket from 'ws';

const TIMEOUT = 30_000;

/** Everything the debug nodes show, as it comes. */
class Sidebar {
  #lines = [];
  #waiting = new Set();

  async open(editor) {
    const socket = new WebSocket(`${editor.replace('http', 'ws')}comms`);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (data) => {
      for (const { topic, data: line } of [JSON.parse(data.toString())].flat()) {
        if (topic !== 'debug') continue;
        this.#lines.push({ node: line.id, value: parse(line.msg) });
        for (const look of this.#waiting) look();
      }
    });
    socket.send(JSON.stringify({ subscribe: 'debug' }));
    this.close = () => socket.close();
  }

  /** The number of lines so far, to ask for later ones only. */
  get mark() {
    return this.#lines.length;
  }

  /** The first line of a debug node after `from` that fits. */
  next(node, fits, from = 0) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const line = this.#lines.slice(from).find((one) => one.node === node && fits(one.value));
        if (!line) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(line.value);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`not seen within ${TIMEOUT / 1_000} s`));
      }, TIMEOUT);
      this.#waiting.add(look);
      look();
    });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Messages at the broker, by topic. */
async function openTap(url) {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  const waiting = new Set();
  client.on('message', (topic, payload) => {
    for (const look of waiting) look(topic, payload.toString());
  });
  await client.subscribeAsync('#');
  return {
    next: (topic, fits) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`nothing fitting on ${topic}`));
        }, TIMEOUT);
        const look = (got, payload) => {
          if (got !== topic || !fits(payload)) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve(payload);
        };
        waiting.add(look);
      }),
    close: () => client.endAsync(),
  };
}

export async function runChecks({ editor, brokerUrl, flows }) {
  const sidebar = new Sidebar();
  await sidebar.open(editor);
  const tap = await openTap(brokerUrl);
  let failed = 0;
  const check = async (text, action) => {
    try {
      await action();
      console.log(`ok    ${text}`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${text}: ${error.message}`);
    }
  };
  const node = (tab, type, name) => {
    const found = flows.find((one) => one.z === tab && one.type === type && (name === undefined || one.name === name));
    if (!found) throw new Error(`no ${type} ${name ?? ''} in the flow`);
    return found.id;
  };
  const press = async (id) => {
    const response = await fetch(`${editor}inject/${id}`, { method: 'POST' });
    if (!response.ok) throw new Error(`the button answered ${response.status}`);
  };
  const DONE = ['confirmed', 'unchanged', 'accepted'];

  const chargers = [
    {
      tab: 'e100000000000000',
      system: 'openevse',
      stop: 'stop charging',
      topic: 'openevse-7b2c/claim',
      shows: (payload) => payload.includes('disabled'),
    },
    {
      tab: 'e200000000000000',
      system: 'go-e',
      stop: 'stop charging',
      topic: 'go-eCharger/123456/frc',
      shows: (payload) => payload === '1',
    },
    {
      tab: 'e300000000000000',
      system: 'evcc',
      stop: 'off',
      topic: 'evcc/loadpoints/1/mode',
      shows: (payload) => payload === 'off',
    },
  ];
  for (const { tab, system, stop, topic, shows } of chargers) {
    await check(`${system}: a charger was discovered`, async () => {
      await sidebar.next(
        node(tab, 'debug', 'charger found'),
        ({ topic: what, payload }) => what === 'charger/found' && payload.system === system,
      );
    });
    await check(`${system}: it reports its state`, async () => {
      await sidebar.next(node(tab, 'debug', 'state'), ({ online, state }) => online === true && state !== 'unknown');
    });
    await check(`${system}: the flow stops it, with a confirmed result and the effect on its own topic`, async () => {
      const from = sidebar.mark;
      const seen = tap.next(topic, shows);
      seen.catch(() => undefined);
      await press(node(tab, 'inject', stop));
      const { outcome } = await sidebar.next(node(tab, 'debug', 'result'), ({ command }) => command === 'stop', from);
      if (!DONE.includes(outcome)) throw new Error(`the outcome was ${outcome}`);
      await seen;
    });
  }
  const linky = 'e600000000000000';
  await check('linky: consumption was read, and priced', async () => {
    await press(node(linky, 'inject', 'what is known?'));
    await sidebar.next(node(linky, 'debug', 'readings'), ({ direction, unit }) => direction === 'consumption' && unit);
    await sidebar.next(node(linky, 'debug', 'cost'), (told) => told !== null);
  });
  await check('linky: the flow asks for new data, and they came', async () => {
    const from = sidebar.mark;
    await press(node(linky, 'inject', 'sync'));
    await sidebar.next(
      node(linky, 'debug', 'result'),
      ({ command, outcome }) => command === 'sync' && outcome === 'confirmed',
      from,
    );
  });
  const openRemote = 'e500000000000000';
  await check('openremote: the flow reads an asset', async () => {
    const from = sidebar.mark;
    await press(node(openRemote, 'inject', 'read the asset'));
    await sidebar.next(node(openRemote, 'debug', 'asset'), ({ type }) => type === 'BuildingAsset', from);
  });
  await check('openremote: the flow writes an attribute, and its event comes', async () => {
    const from = sidebar.mark;
    await press(node(openRemote, 'inject', 'write the area'));
    await sidebar.next(node(openRemote, 'debug', 'outcome'), ({ outcome }) => outcome === 'accepted', from);
    await sidebar.next(
      node(openRemote, 'debug', 'event'),
      ({ attribute, value }) => attribute === 'area' && value === 150,
      from,
    );
  });
  await check('site: the house around the loadpoint is reported', async () => {
    await sidebar.next(
      node('e300000000000000', 'debug', 'house'),
      ({ online, grid }) => online === true && grid.power !== null,
    );
  });
  sidebar.close();
  await tap.close();
  console.log(failed === 0 ? '\nEverything works together.' : `\n${failed} checks failed.`);
  return failed === 0;
}
