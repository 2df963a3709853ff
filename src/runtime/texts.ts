/** Texts that several nodes show, in the language of the server. They stand in the catalogue of `energy-broker`. */
import type { NodeAPI } from 'node-red';

const NAMESPACE = '@jouleflow/node-red-home-energy/energy-broker';

export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** @returns a function from a key below `common.` of the shared catalogue to its text. */
export function translator(RED: NodeAPI): Translate {
  return (key, values = {}) => RED._(`${NAMESPACE}:common.${key}`, values);
}

/** A duration as a person says it: `40 s`, `4 min`, `3 h`, `2 d`. */
export function age(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3_600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

/** A power as a person says it: `740 W`, `7.2 kW`. */
export function power(t: Translate, watts: number): string {
  if (Math.abs(watts) < 1_000) return `${Math.round(watts)} W`;
  return `${(watts / 1_000).toFixed(1).replace('.', t('decimal'))} kW`;
}
