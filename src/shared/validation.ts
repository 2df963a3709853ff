/** Runs a build-time compiled schema validator and tells its faults in our error's form. */
import type { ErrorObject } from 'ajv';
import { type Fault, invalid } from './errors';

/** A validator that `scripts/generate.mjs` compiled from a JSON Schema. */
export interface Validator<T> {
  (data: unknown): data is T;
  errors?: ErrorObject[] | null;
}

function dotted(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

function toFault(error: ErrorObject): Fault {
  const params = error.params as Record<string, unknown>;
  const path = dotted(error.instancePath);
  const extra = params['additionalProperty'] ?? params['missingProperty'];
  const allowed =
    params['allowedValues'] ?? (params['allowedValue'] === undefined ? undefined : [params['allowedValue']]);
  const list = Array.isArray(allowed) ? `: ${allowed.map((value) => JSON.stringify(value)).join(', ')}` : '';
  return {
    path: typeof extra === 'string' ? [path, extra].filter(Boolean).join('.') : path,
    message: (error.message ?? 'is not valid') + list,
  };
}

/**
 * Asserts that `data` satisfies a schema.
 * @throws EnergyError INVALID with `cause.details` = the faults and their paths.
 */
export function assertValid<T>(validate: Validator<T>, data: unknown, what: string): asserts data is T {
  if (validate(data)) return;
  const seen = new Set<string>();
  const faults = (validate.errors ?? []).map(toFault).filter((fault) => {
    const key = `${fault.path} ${fault.message}`;
    return !seen.has(key) && seen.add(key);
  });
  throw invalid(what, faults);
}
