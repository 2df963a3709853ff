// The OpenRemote part of `npm run demo -- --check`: its example flows on one side, somebody else at the manager on the
// other.
const CHARGER = 'DemoCharger00000000000';
const GARAGE = 'DemoGarage000000000000';
const METER = 'DemoMeter0000000000000';
const NODE_RED = 'DemoNodeRed00000000000';

async function checkAssets({ check, tab, sidebar, visitor }) {
  const flow = tab('e500000000000000');
  let id;
  const pressAndSee = async (button, debug, fits) => {
    const from = sidebar.mark;
    await flow.press(button);
    return flow.shown(debug, fits, from);
  };
  await check('openremote: create, the flow creates an asset', async () => {
    ({ id } = await pressAndSee('create it', 'created', ({ type }) => type === 'PresenceSensorAsset'));
    const { name } = await visitor.read(id);
    if (name !== 'Hallway A Presence Sensor') throw new Error(`the manager has ${name}`);
  });
  await check('openremote: get, the flow reads it', () => pressAndSee('read', 'asset', (asset) => asset.id === id));
  await check('openremote: attribute update, the manager has the values', async () => {
    await pressAndSee('somebody came', 'written', (list) => list.every(({ outcome }) => outcome === 'accepted'));
    await visitor.shows(id, 'presence', (value) => value === true);
  });
  await check('openremote: event, the flow was told of the value', () =>
    flow.shown(
      'event',
      ({ assetId, attribute, value }) => assetId === id && attribute === 'presence' && value === true,
    ),
  );
  await check('openremote: update, the asset has its new name and what it had', async () => {
    await pressAndSee('rename', 'asset', ({ name }) => name === 'Hallway B Presence Sensor');
    const { name, attributes } = await visitor.read(id);
    if (name !== 'Hallway B Presence Sensor' || attributes.notes.value !== 'Motion detected') {
      throw new Error(`the manager has ${name}, ${attributes.notes.value}`);
    }
  });
  await check('openremote: delete, the asset is gone, and reading it is an error', async () => {
    await pressAndSee('delete', 'asset', (asset) => asset.id === id);
    const { error } = await visitor.read(id);
    if (error !== 'NOT_FOUND') throw new Error('the manager still has it');
    await pressAndSee('read', 'error', ({ code, cause }) => code === 'REFUSED' && cause.error === 'NOT_FOUND');
  });
}

async function checkMirror({ check, tab, visitor }) {
  await check("openremote: mirror, the manager shows the charger's state and power", async () => {
    const charger = tab('e100000000000000');
    await visitor.shows(GARAGE, 'state', (value) => value === charger.newest('state')?.state);
    await visitor.shows(GARAGE, 'power', (value) => typeof value === 'number');
  });
  await check("openremote: mirror, the manager shows the meter's day and load curve with their own time", async () => {
    const linky = tab('e600000000000000');
    const isDay = (value, timestamp) =>
      linky.newest(
        'readings',
        ({ dataset, date, value: energy }) =>
          dataset === 'consumption/daily' && energy === value && Date.parse(`${date}T12:00:00Z`) === timestamp,
      ) !== undefined;
    await visitor.shows(METER, 'energy', isDay);
    const isLastSlot = (value, timestamp) =>
      linky.newest(
        'readings',
        ({ dataset, slots }) =>
          dataset === 'consumption/detailed' &&
          slots.at(-1).power === value &&
          Date.parse(slots.at(-1).start) === timestamp,
      ) !== undefined;
    await visitor.shows(METER, 'power', isLastSlot);
  });
}

async function checkControl({ check, tab, sidebar, tap, visitor }) {
  const flow = tab('e520000000000000');
  const isLimit = (ampere) => (event) =>
    event.assetId === CHARGER && event.attribute === 'maxCurrent' && event.value === ampere;
  const [from, before, since] = [sidebar.mark, tap.mark, visitor.journal.mark];
  await check('openremote: pending, a write of somebody else is withheld and asked of the flow', async () => {
    await visitor.write(CHARGER, 'maxCurrent', 10);
    await flow.shown('pending', ({ assetId, value }) => assetId === CHARGER && value === 10, from);
  });
  await check('openremote: acknowledge, the manager shows the value once the charger confirmed it', async () => {
    await visitor.journal.next(isLimit(10), since);
    const isTold = ({ topic, payload }) => topic === 'openevse-7b2c/claim' && payload.includes('"charge_current":10,');
    if (!tap.last(isTold, before)) throw new Error('it was shown before the charger had been told');
    await flow.shown('result', ({ command, outcome }) => command === 'setCurrent' && outcome === 'confirmed', from);
  });
  await check('openremote: acknowledge, the manager never shows what was not carried out', async () => {
    await visitor.write(CHARGER, 'maxCurrent', 99);
    await flow.shown('error', ({ message }) => message.includes('99'), from);
    await visitor.write(CHARGER, 'maxCurrent', 12);
    await visitor.journal.next(isLimit(12), since);
    if (visitor.journal.last(isLimit(99), since)) throw new Error('it shows 99 A');
  });
}

async function checkLastWill({ check, visitor, manager }) {
  await check('openremote: last will, a lost connection is shown, and that Node-RED is back', async () => {
    await visitor.shows(NODE_RED, 'online', (value) => value === true);
    const from = visitor.journal.mark;
    const is = (wanted) => (event) => event.assetId === NODE_RED && event.value === wanted;
    if (!manager.cutConnection('node-red-alive')) throw new Error('Node-RED was not connected');
    await visitor.journal.next(is(false), from);
    await visitor.journal.next(is(true), from);
  });
}

export async function checkOpenRemote(stage) {
  await checkAssets(stage);
  await checkMirror(stage);
  await checkControl(stage);
  await checkLastWill(stage);
}
