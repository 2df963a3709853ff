/** JSON from the network. */

/** As the server's parser has it: a document nested deeper is malformed. It also keeps our own recursions short. */
const MAX_DEPTH = 1000;

/** undefined: not JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isWithin(MAX_DEPTH, value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isWithin(depth - 1, member));
}
