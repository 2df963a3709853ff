/** What the manager answers to an operation. */
import type { Verdict } from '../mqtt/exchange-types';
import type { Message } from '../mqtt/types';
import { validate as isAsset, type OpenRemoteAsset } from '../generated/openremote-asset';
import { validate as isAssetEvent, type OpenRemoteAssetEvent } from '../generated/openremote-asset-event';
import { validate as isAttribute, type OpenRemoteAttribute } from '../generated/openremote-attribute';
import { validate as isAttributeEvent, type OpenRemoteAttributeEvent } from '../generated/openremote-attribute-event';
import { validate as isError } from '../generated/openremote-error';
import { EnergyError, toError } from '../shared/errors';
import { assertValid, type Validator } from '../shared/validation';
import { excerpt, fromJson } from './json';

export type Asset = OpenRemoteAsset;
export type Attribute = OpenRemoteAttribute;
export type AttributeEvent = OpenRemoteAttributeEvent;
/** Its asset is checked as well. */
export type AssetEvent = Omit<OpenRemoteAssetEvent, 'asset'> & { readonly asset: Asset };

/** The answer as it came: JSON, or a text that should have been. */
export type Answer = { readonly body: unknown } | { readonly unreadable: string };

/** Judges a message on the response topic: an error of the server, or what it says. */
export function judgeAnswer({ payload }: Message): Verdict {
  const json = fromJson(payload);
  if (!json) return { stage: 'accepted', value: { unreadable: excerpt(payload) } satisfies Answer };
  const body = json.value;
  if (isError(body)) return { refused: body.message ?? body.error, error: body.error };
  return { stage: 'accepted', value: { body } satisfies Answer };
}

/** The same, of an answer that the next step needs. @param take told the asset */
export function judgeAsset(message: Message, take: (asset: Asset) => void): Verdict {
  const verdict = judgeAnswer(message);
  if (!verdict || 'refused' in verdict) return verdict;
  const { body } = verdict.value as { body?: unknown };
  if (!isAsset(body)) return { refused: `the present asset is unreadable: ${excerpt(message.payload)}` };
  take(body);
  return verdict;
}

/**
 * The JSON of an answer.
 * @throws EnergyError BAD_PAYLOAD
 */
export function bodyOf(answer: Answer): unknown {
  if ('unreadable' in answer) {
    throw new EnergyError('BAD_PAYLOAD', `The answer of OpenRemote is not JSON: ${answer.unreadable}`);
  }
  return answer.body;
}

function read<T>(validate: Validator<T>, data: unknown, what: string): T {
  try {
    assertValid(validate, data, `OpenRemote sent no ${what}`);
    return data;
  } catch (thrown) {
    throw new EnergyError('BAD_PAYLOAD', toError(thrown).message);
  }
}

/** @throws EnergyError BAD_PAYLOAD */
export function toAsset(body: unknown): Asset {
  return read(isAsset, body, 'asset');
}

/** @throws EnergyError BAD_PAYLOAD */
export function toAssetEvent(body: unknown): AssetEvent {
  const event = read(isAssetEvent, body, 'asset event');
  return { ...event, asset: toAsset(event.asset) };
}

/** @throws EnergyError BAD_PAYLOAD */
export function toAttribute(body: unknown): Attribute {
  return read(isAttribute, body, 'attribute');
}

/** @throws EnergyError BAD_PAYLOAD */
export function toAttributeEvent(body: unknown): AttributeEvent {
  return read(isAttributeEvent, body, 'attribute event');
}

/** @throws EnergyError BAD_PAYLOAD */
export function toAttributeEvents(body: unknown): AttributeEvent[] {
  if (!Array.isArray(body)) throw new EnergyError('BAD_PAYLOAD', 'OpenRemote sent no list of attribute events');
  return body.map(toAttributeEvent);
}

/** The answer to `get-value`: instead of a null value the server sends the whole attribute. */
export function toValue(body: unknown, attribute: string): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const { name, value } = body as Record<string, unknown>;
  return name === attribute && value === null ? null : body;
}
