/** A directory of OpenEVSE gateways and other chargers, and who looks for them. */
import assert from 'node:assert/strict';
import type { Directory, Explorer } from '../../../src/chargers/directory';
import type { Sighting } from '../../../src/chargers/discovery-types';
import type { System } from '../../../src/chargers/status';
import { Bench } from './bench';
import { turn } from './fake-link';

/** The announcements of one OpenEVSE gateway. */
export function gateway(id: string, base = `base-${id}`): { topic: string; birth: string; will: string } {
  return {
    topic: `openevse/announce/${id}`,
    birth: JSON.stringify({ state: 'connected', id, name: `name-${id}`, mqtt: base, http: `http://${id}/` }),
    will: JSON.stringify({ state: 'disconnected', id, name: `name-${id}` }),
  };
}

interface LoggedExplorer extends Explorer {
  /** `event base online` */
  readonly log: string[];
  readonly sightings: Sighting[];
  readonly faults: [code: string, filter: string][];
}

export function explorer(systems: readonly System[] = ['openevse']): LoggedExplorer {
  const logged: LoggedExplorer = {
    systems: new Set(systems),
    log: [],
    sightings: [],
    faults: [],
    onEvent: (event, sighting) => {
      logged.log.push(`${event} ${sighting.baseTopic} ${sighting.online}`);
      logged.sightings.push(sighting);
    },
    onFault: ({ code }, filter) => logged.faults.push([code, filter]),
  };
  return logged;
}

export class DirectoryBench extends Bench {
  readonly directory: Directory = this.newDirectory();
  /** What is to be ended with the test. */
  readonly ends: (() => void)[] = [];

  async exploring(...systems: System[]): Promise<LoggedExplorer> {
    const logged = explorer(systems.length > 0 ? systems : ['openevse']);
    this.ends.push(this.directory.explore(logged));
    await turn();
    return logged;
  }

  /** Steps of at most a second, as time passes in reality. */
  pass(ms: number): Promise<void> {
    return this.tick(ms, 1_000);
  }

  heartbeat(id: string): void {
    this.link.receive(`base-${id}/time`, new Date().toISOString());
  }

  override end(): void {
    for (const end of this.ends) end();
    super.end();
    assert.deepEqual([this.timers.armed(), this.link.listeners.size], [0, 0], 'timers and listeners');
  }
}
