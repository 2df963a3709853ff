/** A charger's state as a node status of under 20 characters: what, and how old. */
import type { NodeAPI } from 'node-red';
import type { ChargerState, ChargerStatus } from '../chargers/status';
import type { StatusReporter } from './node';
import { age, power, translator } from './texts';

type Look = readonly ['red' | 'green' | 'yellow' | 'blue' | 'grey', 'dot' | 'ring'];

const LOOKS: Readonly<Record<ChargerState, Look>> = {
  unknown: ['grey', 'ring'],
  unavailable: ['yellow', 'ring'],
  disconnected: ['grey', 'dot'],
  connected: ['blue', 'dot'],
  charging: ['green', 'dot'],
  paused: ['yellow', 'dot'],
  complete: ['blue', 'ring'],
  error: ['red', 'dot'],
};

export function showCharger(RED: NodeAPI, status: ChargerStatus, reporter: StatusReporter): void {
  const t = translator(RED);
  const silence = status.lastSeen === null ? null : age(Date.now() - Date.parse(status.lastSeen));
  if (status.online === false) {
    reporter.show('red', 'ring', silence === null ? t('offline') : `${t('offline')} ${silence}`);
    return;
  }
  if (status.online === null) {
    reporter.show('grey', 'ring', t('waiting'));
    return;
  }
  const [fill, shape] = LOOKS[status.state];
  const text =
    status.state === 'charging' && status.power !== null ? power(t, status.power) : t(`state.${status.state}`);
  reporter.show(fill, shape, status.stale && silence !== null ? `${text} (${silence})` : text);
}
