/** Calendar dates as text: safe for editor and runtime. */

/** True for an existing calendar day of the 21st or 22nd century, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^2[01]\d{2}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}
