/** Wall clock of the configured time zone. */

/** `Europe/Paris|CET-1CEST,...`: the firmware keeps the name before the bar for its web page and uses the rule after it. */
function zoneName(timeZone: string): string {
  return timeZone.split('|')[0] ?? '';
}

/** Minutes east of UTC; 0 for an unknown zone. */
export function offsetMinutes(timeZone: string, now: number): number {
  let text: string;
  try {
    text = new Intl.DateTimeFormat('en-US', { timeZone: zoneName(timeZone), timeZoneName: 'longOffset' }).format(now);
  } catch {
    return 0;
  }
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) || 0;
}

/** `+0200`, without a colon */
export function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const digits = (value: number): string => value.toString().padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.trunc(size / 60))}${digits(size % 60)}`;
}

/** A date whose UTC fields show the local wall clock. */
export function localDate(timeZone: string, now: number): Date {
  return new Date(now + offsetMinutes(timeZone, now) * 60_000);
}

/** `2026-11-21T10:58:15` */
export function isoSeconds(date: Date): string {
  return date.toISOString().slice(0, 19);
}
