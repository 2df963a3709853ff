/** What enters a topic as a level of its own, and so must not hold anything that would change the topic. */
import { randomBytes } from 'node:crypto';
import { type Fault, invalid } from '../shared/errors';

const LEVELS = {
  assetId: { pattern: /^[0-9A-Za-z]{22}$/, message: 'must be 22 letters and digits' },
  attribute: { pattern: /^\w{1,255}$/, message: 'must be letters, digits and "_"' },
  responseIdentifier: {
    pattern: /^[^/+#\p{Cc}\p{Cs}]{1,255}$/u,
    message: 'must be a text without "/", "+", "#"',
  },
} as const;

export type LevelName = keyof typeof LEVELS;
export type Levels = Readonly<Partial<Record<LevelName, string>>>;

/** undefined: it can stand in a topic. */
export function faultOf(name: LevelName, value: unknown): Fault | undefined {
  const { pattern, message } = LEVELS[name];
  if (typeof value === 'string' && pattern.test(value)) return undefined;
  return { path: name, message: value === undefined || value === '' ? 'is missing' : message };
}

/** @throws EnergyError INVALID */
export function checkLevels(levels: Levels): void {
  const faults = (Object.keys(levels) as LevelName[]).flatMap((name) => faultOf(name, levels[name]) ?? []);
  if (faults.length > 0) throw invalid('Not a valid request', faults);
}

/** `{name}` placeholders replaced by checked levels. */
export function fill(pattern: string, levels: Levels): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => levels[name as LevelName] ?? '');
}

/** Tells the answers to creations apart: there is no other correlation. */
export function newResponseIdentifier(): string {
  return randomBytes(12).toString('base64url');
}
