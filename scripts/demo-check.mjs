// `npm run demo -- --check`: presses the example flows' buttons over Node-RED's HTTP API, and looks at what they say
// in the debug sidebar and at what arrives at the broker and the manager. One line per check.
import { checkOpenRemote } from './demo-check-openremote.mjs';
import { openSidebar, openTap, openVisitor } from './demo-witnesses.mjs';

const DONE = ['confirmed', 'unchanged', 'accepted'];
const CHARGERS = [
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
const LINKY = 'e600000000000000';

/** The flows of one tab: their buttons, and what their debug nodes show. */
function openTab({ editor, flows, sidebar }, tab) {
  const idOf = (type, name) => {
    const found = flows.find((one) => one.z === tab && one.type === type && one.name === name);
    if (!found) throw new Error(`no ${type} ${name} in the flow`);
    return found.id;
  };
  return {
    async press(name) {
      const response = await fetch(`${editor}inject/${idOf('inject', name)}`, { method: 'POST' });
      if (!response.ok) throw new Error(`the button answered ${response.status}`);
    },
    /** The first that a debug node shows after `from` and that fits; waited for. */
    async shown(name, fits, from = 0) {
      const id = idOf('debug', name);
      return (await sidebar.next(({ node, value }) => node === id && fits(value), from)).value;
    },
    /** The newest that a debug node has shown and that fits. */
    newest(name, fits = () => true) {
      const id = idOf('debug', name);
      return sidebar.last(({ node, value }) => node === id && fits(value))?.value;
    },
  };
}

async function checkChargers({ check, tab, sidebar, tap }) {
  for (const { tab: id, system, stop, topic, shows } of CHARGERS) {
    const flow = tab(id);
    await check(`${system}: a charger was discovered`, () =>
      flow.shown('charger found', ({ topic: what, payload }) => what === 'charger/found' && payload.system === system),
    );
    await check(`${system}: it reports its state`, () =>
      flow.shown('state', ({ online, state }) => online === true && state !== 'unknown'),
    );
    await check(`${system}: the flow stops it, with a confirmed result and the effect on its own topic`, async () => {
      const [from, before] = [sidebar.mark, tap.mark];
      await flow.press(stop);
      const { outcome } = await flow.shown('result', ({ command }) => command === 'stop', from);
      if (!DONE.includes(outcome)) throw new Error(`the outcome was ${outcome}`);
      await tap.next((message) => message.topic === topic && shows(message.payload), before);
    });
  }
  await check('site: the house around the loadpoint is reported', () =>
    tab('e300000000000000').shown('house', ({ online, grid }) => online === true && grid.power !== null),
  );
}

async function checkLinky({ check, tab, sidebar }) {
  const flow = tab(LINKY);
  await check('linky: consumption was read, and priced', async () => {
    await flow.press('what is known?');
    await flow.shown('readings', ({ direction, unit }) => direction === 'consumption' && unit);
    await flow.shown('cost', (told) => told !== null);
  });
  await check('linky: the flow asks for new data, and they came', async () => {
    const from = sidebar.mark;
    await flow.press('sync');
    await flow.shown('result', ({ command, outcome }) => command === 'sync' && outcome === 'confirmed', from);
  });
}

/** @returns whether all went well. `user`: a service user of the OpenRemote manager. */
export async function runChecks({ editor, brokerUrl, flows, manager, user }) {
  const sidebar = await openSidebar(editor);
  const tap = await openTap(brokerUrl);
  const visitor = await openVisitor(manager.url, user);
  let failed = 0;
  const stage = {
    check: async (text, action) => {
      try {
        await action();
        console.log(`ok    ${text}`);
      } catch (error) {
        failed++;
        console.log(`FAIL  ${text}: ${error.message}`);
      }
    },
    tab: (id) => openTab({ editor, flows, sidebar: sidebar.journal }, id),
    sidebar: sidebar.journal,
    tap: tap.journal,
  };
  await checkChargers(stage);
  await checkLinky(stage);
  await checkOpenRemote({ ...stage, visitor, manager });
  sidebar.close();
  await tap.close();
  await visitor.close();
  console.log(failed === 0 ? '\nEverything works together.' : `\n${failed} checks failed.`);
  return failed === 0;
}
