/** The charger repeats a refused payload in its answer: a secret is taken out of it again. */

/** Shorter pieces stand in ordinary words, too. */
const MIN_LENGTH = 3;

/** Texts and numbers anywhere in the value. */
function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, JSON.stringify(value).slice(1, -1)];
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return [];
}

/** The longest beginning of `text` that `reply` ends with: long payloads are cut off. */
function cutOff(reply: string, text: string): string {
  for (let length = Math.min(text.length, reply.length); length >= MIN_LENGTH; length--)
    if (reply.endsWith(text.slice(0, length))) return text.slice(0, length);
  return '';
}

/** The reply with every trace of the written value replaced by `mask`. */
export function maskReply(reply: string, written: unknown, mask: string): string {
  const payload = JSON.stringify(written);
  const secrets = [payload, ...leaves(written)].filter((text) => text.length >= MIN_LENGTH);
  const cut = secrets.map((text) => cutOff(reply, text)).filter((text) => text !== '');
  return [...new Set([...secrets, ...cut])]
    .sort((left, right) => right.length - left.length)
    .reduce((text, secret) => text.replaceAll(secret, mask), reply);
}
