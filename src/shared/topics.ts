/** MQTT topic grammar (MQTT 5, section 4.7): safe for editor and runtime. */

/** Control characters, which brokers refuse in topics, and half surrogate pairs, which UTF-8 cannot spell. */
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u;

const MAX_BYTES = 65_535;

function tooLong(topic: string): boolean {
  return topic.length > MAX_BYTES / 3 && new TextEncoder().encode(topic).length > MAX_BYTES;
}

/** A topic that can be published to: not empty, without wildcards or control characters. */
export function isTopic(topic: string): boolean {
  return topic !== '' && !/[+#]/.test(topic) && !FORBIDDEN.test(topic) && !tooLong(topic);
}

/** A topic filter that can be subscribed to: `+` alone in its level, `#` alone in the last one. */
export function isFilter(filter: string): boolean {
  if (filter === '' || FORBIDDEN.test(filter) || tooLong(filter)) return false;
  const levels = filter.split('/');
  return levels.every((level, i) => !/[+#]/.test(level) || level === '+' || (level === '#' && i === levels.length - 1));
}
