/** Reading and writing attributes. A success says that the write was accepted; whether the value fits shows afterwards. */
import type { Caller } from '../authorisation/permissions';
import { attributesToJson, attributeToJson } from '../model/asset';
import { attributeEvent } from '../model/events';
import { isRecord, parseJson } from '../model/json';
import { failure, NO_ANSWER, reply, type Reply } from './answers';
import { type Manager, readable } from './context';

const INVALID_DATA = failure('BAD_REQUEST', 'Invalid data provided');

/** An answer and what is done after it has been sent: writes are processed in the background. */
export interface Accepted {
  readonly reply: Reply;
  readonly afterwards?: () => void;
}

/** The payload is the value itself, as text, and is echoed as it came: coercion happens later. */
export function updateAttribute({ writer }: Manager, id: string, name: string, payload: string): Accepted {
  return {
    reply: reply(attributeEvent({ id, name, value: payload, timestamp: 0 })),
    afterwards: () => void writer.write(id, name, payload, 'gatewayApi'),
  };
}

/** All or nothing as to permission, but not as to values. */
export function updateAttributes(manager: Manager, caller: Caller, id: string, payload: string): Accepted {
  const { permissions, writer } = manager;
  const data = parseJson(payload)?.value ?? undefined;
  if (data === undefined) return { reply: INVALID_DATA };
  if (!isRecord(data)) return { reply: NO_ANSWER };

  const entries = Object.entries(data);
  const permitted = entries.every(
    ([name]) => permissions.inReach(caller, id) && permissions.mayWriteAttribute(caller, id, name),
  );
  if (!permitted) return { reply: failure('UNAUTHORIZED', 'One or more attribute updates were not authorized') };
  return {
    reply: reply(entries.map(([name, value]) => withoutEventType(attributeEvent({ id, name, value, timestamp: 0 })))),
    afterwards: () => entries.forEach(([name, value]) => void writer.write(id, name, value, 'gatewayApi')),
  };
}

/** The server's serialiser loses the type of the elements of a list. */
function withoutEventType(event: object): object {
  return Object.fromEntries(Object.entries(event).filter(([member]) => member !== 'eventType'));
}

/** A value that is null answers the whole attribute. Of an unknown asset nothing is heard. */
export function readAttribute(manager: Manager, caller: Caller, id: string, name: string, valueOnly: boolean): Reply {
  const asset = readable(manager, caller, id);
  if (!asset) return unknownAsset(manager);
  const attribute = asset.attributes.get(name);
  if (!attribute) return failure('NOT_FOUND', 'Attribute not found');
  return reply(valueOnly && attribute.value !== null ? attribute.value : attributeToJson(attribute));
}

/** In the documentation only. */
export function readAttributes(manager: Manager, caller: Caller, id: string): Reply {
  const asset = readable(manager, caller, id);
  return asset ? reply(attributesToJson(asset.attributes)) : unknownAsset(manager);
}

function unknownAsset({ behaviour }: Manager): Reply {
  return behaviour.profile === 'documented' ? failure('NOT_FOUND', 'Asset not found') : NO_ANSWER;
}
