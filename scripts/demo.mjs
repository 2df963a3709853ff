// `npm run demo`: an embedded MQTT broker, simulated devices, and Node-RED with this package and the example flows.
//   --broker URL   use this broker instead, and start no simulator
//   --check        verify that everything works together, one line per check, and exit 0 or 1
import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { buildIfNeeded, install, root } from './setup.mjs';

const require = createRequire(import.meta.url);
const HOST = '127.0.0.1';
const PACKAGE = '@jouleflow/node-red-home-energy';
/** How much faster than real time the simulated chargers live. */
const SPEED = 10;

function readArguments() {
  const { values } = parseArgs({ options: { broker: { type: 'string' }, check: { type: 'boolean', default: false } } });
  if (values.broker !== undefined && values.check) {
    throw new Error('--check drives the simulators, so it cannot be combined with --broker');
  }
  return values;
}

/** The usual port if it is free, else any. */
async function portLike(usual) {
  for (const port of [usual, 0]) {
    const server = net.createServer();
    server.listen(port, HOST);
    const outcome = await Promise.race([once(server, 'listening'), once(server, 'error')]);
    const address = server.address();
    server.close();
    if (address && !(outcome[0] instanceof Error)) return address.port;
  }
  throw new Error('no free port');
}

/** All examples as one flow file; what they share (the broker, chargers) stands in several of them. */
function collectExamples(replace) {
  const nodes = new Map();
  for (const file of fs.readdirSync(path.join(root, 'examples'), { recursive: true }).map(String).sort()) {
    if (!file.endsWith('.json')) continue;
    for (const node of JSON.parse(fs.readFileSync(path.join(root, 'examples', file), 'utf8'))) {
      if (!nodes.has(node.id)) nodes.set(node.id, replace(node));
    }
  }
  return [...nodes.values()];
}

function prepareUserDir(flows, credentials) {
  const userDir = path.join(root, '.demo');
  fs.rmSync(userDir, { recursive: true, force: true });
  for (const name of [PACKAGE, '@flowfuse/node-red-dashboard']) {
    const link = path.join(userDir, 'node_modules', name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(name === PACKAGE ? root : path.join(root, 'node_modules', name), link, 'junction');
  }
  fs.writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flows, null, 2));
  fs.writeFileSync(path.join(userDir, 'flows_cred.json'), JSON.stringify(credentials));
  return userDir;
}

async function startNodeRed(userDir, port) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const modern = major > 22 || (major === 22 && minor >= 9);
  const RED = require(modern ? 'node-red-5' : 'node-red-4');
  const app = (request, response) =>
    (request.url.startsWith('/dashboard') ? RED.httpNode : RED.httpAdmin)(request, response);
  const server = http.createServer(app);
  RED.init(server, {
    userDir,
    flowFile: 'flows.json',
    credentialSecret: false,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    uiHost: HOST,
    uiPort: port,
    debugMaxLength: 20_000,
    externalModules: { autoInstall: false },
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'error', metrics: false, audit: false } },
    editorTheme: {
      tours: false,
      palette: { categories: ['energy', 'subflows', 'common', 'function', 'network'] },
      codeEditor: { lib: 'monaco' },
    },
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  const started = new Promise((resolve) => RED.runtime.events.once('flows:started', resolve));
  await RED.start();
  await started;
  return {
    version: RED.version ? await RED.version() : RED.settings.version,
    async stop() {
      await RED.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function main() {
  const options = readArguments();
  const ends = [];
  const end = async () => {
    for (const stop of ends.splice(0).reverse()) await stop();
  };
  try {
    let brokerUrl = options.broker;
    const { createOpenRemoteSimulator, DEMO } = require(path.join(root, 'dist/src/simulators/openremote/index.js'));
    let manager;
    const credentials = {};
    if (brokerUrl === undefined) {
      const { startBroker } = await import('./embedded-broker.mjs');
      const broker = await startBroker(await portLike(1883));
      ends.push(() => broker.stop());
      brokerUrl = `mqtt://${HOST}:${broker.port}`;
      const { createDevice, DEVICES } = require(path.join(root, 'dist/src/simulators/household.js'));
      for (const device of DEVICES) {
        const simulator = createDevice(device, { broker: brokerUrl, speed: SPEED });
        await simulator.start();
        ends.push(() => simulator.stop());
      }
      manager = createOpenRemoteSimulator({});
      await manager.start();
      ends.push(() => manager.stop());
    }
    const flows = collectExamples((node) => {
      if (node.type !== 'energy-broker') return node;
      if (!node.id.startsWith('e00000000000050')) return { ...node, broker: brokerUrl };
      const gateway = node.clientid === DEMO.gatewayClientId;
      credentials[node.id] = {
        user: `${DEMO.realm}:${gateway ? DEMO.gatewayClientId : DEMO.user}`,
        password: gateway ? DEMO.gatewaySecret : DEMO.secret,
      };
      return { ...node, broker: manager?.url ?? node.broker };
    });
    const port = await portLike(1880);
    const nodeRed = await startNodeRed(prepareUserDir(flows, credentials), port);
    ends.push(() => nodeRed.stop());
    const editor = `http://${HOST}:${port}/`;
    console.log(`\nMQTT broker  ${brokerUrl}`);
    console.log(`Node-RED     ${editor}`);
    if (flows.some(({ type }) => type === 'ui-base')) console.log(`Dashboard    ${editor}dashboard`);
    if (options.check) {
      const { runChecks } = await import('./demo-check.mjs');
      process.exitCode = (await runChecks({ editor, brokerUrl, flows, manager, user: DEMO })) ? 0 : 1;
      await end();
      return;
    }
    console.log('\nCtrl-C ends the demo.');
    await new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    console.log('\nEnding …');
    await end();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    await end();
  }
}

install();
await buildIfNeeded();
await main();
