/** How the firmware prints values as MQTT payloads (measured with ArduinoJson 6.20.1, which it uses). */

export type StatusValue = number | string | boolean | null;

/** Significant digits after the first; more are never printed. */
const DECIMALS = 9;

function plain(magnitude: number): string {
  const integerDigits = Math.max(1, Math.trunc(magnitude).toString().length);
  const text = magnitude.toFixed(Math.max(0, DECIMALS + 1 - integerDigits));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Decimal up to 9 places without trailing zeros; with an exponent from 1e7 up and from 1e-5 down; `null` if not finite. */
export function renderNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toString();
  const sign = value < 0 ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude < 1e7 && magnitude > 1e-5) return sign + plain(magnitude);
  const [mantissa = '0', exponent = '0'] = magnitude.toExponential(DECIMALS).split('e');
  return `${sign}${mantissa.replace(/\.?0+$/, '')}e${Number(exponent)}`;
}

/**
 * A status value as payload: no quotes around texts. Counters and other integers are never printed with an exponent;
 * pass those as `bigint`.
 */
export function renderValue(value: StatusValue | bigint): string {
  return typeof value === 'number' ? renderNumber(value) : String(value);
}
