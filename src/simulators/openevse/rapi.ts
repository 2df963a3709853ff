/** The controller's serial protocol, as far as it answers when passed through. */

import { type Controller } from './controller';

/** Without the full-RAPI build flag only these pass; anything else meets silence. */
const PASSED = /^\$(?:G|F0|FB)/;

export interface RapiReadings {
  readonly controller: Controller;
  /** A */
  readonly minCurrent: number;
  readonly maxCurrent: number;
  readonly softLimit: number;
  readonly milliamps: number;
  readonly millivolts: number;
  readonly elapsed: number;
  readonly wattSeconds: number;
  readonly totalWattHours: number;
  readonly firmware: string;
}

type Answer = (readings: RapiReadings) => string;

const ANSWERS: Readonly<Record<string, Answer>> = {
  $GC: ({ minCurrent, maxCurrent, softLimit, controller }) =>
    `${minCurrent} ${maxCurrent} ${controller.pilot} ${softLimit}`,
  $GE: ({ controller }) => `${controller.pilot} 0000`,
  $GG: ({ milliamps, millivolts }) => `${milliamps} ${millivolts}`,
  $GP: () => '250 250 0',
  $GS: ({ controller, elapsed }) =>
    `${hex(controller.state, 2)} ${elapsed} ${hex(controller.state, 2)} ${hex(controller.flags, 4)}`,
  $GU: ({ wattSeconds, totalWattHours }) => `${Math.round(wattSeconds)} ${Math.round(totalWattHours)}`,
  $GV: ({ firmware }) => `${firmware} 5.2.1`,
  $F0: () => '',
  $FB: () => '',
};

/** The answer to `command`, such as `$GC`; undefined: silence. */
export function rapiAnswer(command: string, readings: RapiReadings): string | undefined {
  if (!PASSED.test(command)) return undefined;
  const key = command.split(' ')[0] ?? '';
  const answer = Object.hasOwn(ANSWERS, key) ? ANSWERS[key] : undefined;
  if (!answer) return withChecksum('$NK');
  const values = answer(readings);
  return withChecksum(values === '' ? '$OK' : `$OK ${values}`);
}

function withChecksum(text: string): string {
  let sum = 0;
  for (const char of text) sum ^= char.charCodeAt(0);
  return `${text}^${hex(sum, 2)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
