#!/usr/bin/env node
/** `energy-simulator`: simulated devices on a broker, for trying flows without hardware. */
import { parseArgs } from 'node:util';
import { createDevice, type Device, DEVICES } from './household';
import { createOpenRemoteSimulator } from './openremote';
import type { Simulator } from './simulator';

const USAGE = `Usage: energy-simulator [device ...] [options]

Devices: ${DEVICES.join(', ')} (all of them if none is named), openremote (a server of its own)

  --broker URL      where the devices connect      (default mqtt://127.0.0.1:1883)
  --username NAME   user name at the broker
  --password TEXT   password at the broker
  --speed N         how much faster than real time (default 1)
  --port N          port of the openremote server  (default 1884)
  --help            this text

Ctrl-C ends it.`;

function isDevice(name: string): name is Device {
  return (DEVICES as readonly string[]).includes(name);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      broker: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      username: { type: 'string' },
      password: { type: 'string' },
      speed: { type: 'string', default: '1' },
      port: { type: 'string', default: '1884' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const unknown = positionals.find((name) => !isDevice(name) && name !== 'openremote');
  const speed = Number(values.speed);
  if (unknown !== undefined) throw new Error(`Unknown device "${unknown}".\n\n${USAGE}`);
  if (!(speed > 0)) throw new Error('--speed must be a number above 0');
  const options = {
    broker: values.broker,
    speed,
    ...(values.username === undefined ? {} : { username: values.username }),
    ...(values.password === undefined ? {} : { password: values.password }),
  };
  const names: readonly string[] = positionals.length > 0 ? positionals : DEVICES;
  const running: Pick<Simulator, 'stop'>[] = [];
  for (const device of names.filter(isDevice)) {
    const simulator = createDevice(device, options);
    await simulator.start();
    running.push(simulator);
    console.log(`${device} is connected to ${values.broker}`);
  }
  if (names.includes('openremote')) {
    const server = createOpenRemoteSimulator({ port: Number(values.port) });
    await server.start();
    running.push(server);
    console.log(`openremote listens on ${server.url}`);
  }
  const end = (): void => void Promise.all(running.map((simulator) => simulator.stop()));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
