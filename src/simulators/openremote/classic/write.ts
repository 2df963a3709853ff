/** The standard API's writes: the attribute's name comes before the asset's id, values are JSON, nothing is answered. */
import type { AttributeWriter } from '../attribute-writer';
import { isRecord, parseJson } from '../model/json';

export interface ClassicWrite {
  readonly kind: 'value' | 'valueAndTimestamp';
  readonly id: string;
  readonly name: string;
}

const KINDS: ReadonlyMap<string, ClassicWrite['kind']> = new Map([
  ['writeattributevalue', 'value'],
  // Since release 1.3.4.
  ['writeattribute', 'valueAndTimestamp'],
]);

/** `levels` follow `{realm}/{clientId}/`. undefined: not such a write. */
export function parseClassicWrite(levels: readonly string[]): ClassicWrite | undefined {
  const [area = '', name, id, ...more] = levels;
  const kind = KINDS.get(area);
  return kind && name && id && more.length === 0 ? { kind, id, name } : undefined;
}

/** A payload that is not as it should be is dropped: there is nobody to tell. */
export function handleClassicWrite({ kind, id, name }: ClassicWrite, payload: string, writer: AttributeWriter): void {
  const json = parseJson(payload);
  if (!json) return;
  if (kind === 'value') {
    writer.write(id, name, json.value, 'elsewhere');
    return;
  }
  const { value, timestamp } = isRecord(json.value) ? json.value : {};
  if (value === undefined || typeof timestamp !== 'number' || timestamp <= 0) return;
  writer.write(id, name, value, 'elsewhere', timestamp);
}
