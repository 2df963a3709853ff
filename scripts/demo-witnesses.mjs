// Those who look on while `npm run demo -- --check` presses buttons: each keeps a journal of what it saw.
import mqtt from 'mqtt';
import WebSocket from 'ws';

const TIMEOUT = 30_000;

/** What came, in its order. */
class Journal {
  #entries = [];
  #waiting = new Set();

  add(entry) {
    this.#entries.push(entry);
    for (const look of this.#waiting) look();
  }

  /** The number of entries so far, to ask for later ones only. */
  get mark() {
    return this.#entries.length;
  }

  /** The newest entry after `from` that fits. */
  last(fits, from = 0) {
    return this.#entries.slice(from).findLast(fits);
  }

  /** The first entry after `from` that fits; waited for. */
  next(fits, from = 0) {
    return new Promise((resolve, reject) => {
      const end = (settle, result) => {
        this.#waiting.delete(look);
        clearTimeout(timer);
        settle(result);
      };
      const look = () => {
        try {
          const entry = this.#entries.slice(from).find(fits);
          if (entry) end(resolve, entry);
        } catch (error) {
          end(reject, error);
        }
      };
      const timer = setTimeout(() => end(reject, new Error(`not seen within ${TIMEOUT / 1_000} s`)), TIMEOUT);
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

/** What the debug nodes show: `{node, value}`. */
export async function openSidebar(editor) {
  const journal = new Journal();
  const socket = new WebSocket(`${editor.replace('http', 'ws')}comms`);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (data) => {
    for (const { topic, data: line } of [JSON.parse(data.toString())].flat()) {
      if (topic === 'debug') journal.add({ node: line.id, value: parse(line.msg) });
    }
  });
  socket.send(JSON.stringify({ subscribe: 'debug' }));
  return { journal, close: () => socket.close() };
}

/** All messages at the broker of the chargers: `{topic, payload}`. */
export async function openTap(url) {
  const journal = new Journal();
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  client.on('message', (topic, payload) => journal.add({ topic, payload: payload.toString() }));
  await client.subscribeAsync('#');
  return { journal, close: () => client.endAsync() };
}

/** Somebody else at the OpenRemote manager; the journal has the attributes' events `{assetId, attribute, value, timestamp}`. */
export async function openVisitor(url, { realm, user, secret }) {
  const journal = new Journal();
  const answers = new Journal();
  const own = `${realm}/visitor/`;
  const client = await mqtt.connectAsync(url, {
    clientId: 'visitor',
    username: `${realm}:${user}`,
    password: secret,
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  client.on('message', (topic, payload) => {
    const body = JSON.parse(payload.toString());
    if (topic.endsWith('/response')) answers.add({ topic, body });
    else journal.add({ assetId: body.ref.id, attribute: body.ref.name, value: body.value, timestamp: body.timestamp });
  });
  await client.subscribeAsync([`${own}operations/assets/+/+/response`, `${own}events/assets/+/attributes/#`]);

  /** The asset, or the manager's error. */
  async function read(assetId) {
    const from = answers.mark;
    const topic = `${own}operations/assets/${assetId}/get`;
    await client.publishAsync(topic, '', { qos: 1 });
    return (await answers.next((answer) => answer.topic === `${topic}/response`, from)).body;
  }
  return {
    journal,
    read,
    /** As the user interface writes: the standard API, not the gateway API. */
    write: (assetId, attribute, value) =>
      client.publishAsync(`${own}writeattributevalue/${attribute}/${assetId}`, JSON.stringify(value), { qos: 1 }),
    /** Waits until an attribute has what fits. */
    async shows(assetId, attribute, fits) {
      const from = journal.mark;
      const { attributes } = await read(assetId);
      const { value, timestamp } = attributes[attribute];
      if (fits(value, timestamp)) return;
      await journal.next(
        (event) => event.assetId === assetId && event.attribute === attribute && fits(event.value, event.timestamp),
        from,
      );
    },
    close: () => client.endAsync(),
  };
}
