/**
 * Picks the events of one selection out of what its filter brings. The server publishes each event once per
 * subscription of the client, and the broker delivers each of these to every matching filter: so a filter also gets
 * what was published for others, and the same event several times.
 */
import { createHash } from 'node:crypto';
import { BoundedMap } from '../shared/bounded-map';
import type { Message } from '../mqtt/types';
import { EnergyError, toError } from '../shared/errors';
import { type Address, isGateway, topicBelow } from './address';
import { type Asset, toAssetEvent, toAttributeEvent } from './answers';
import { fromAssetEvent, fromAttributeEvent, fromValue, type OpenRemoteEvent } from './events';
import { excerpt, fromJson } from './json';
import { CLASSIC_KIND, GATEWAY_KIND, type Kind, type Selection } from './selection';

/** Events remembered to tell repetitions by. */
const REMEMBERED = 512;
/** ms within which equal bare values are taken for repetitions, where several filters bring them. */
const TOGETHER = 500;
/** Topics with an unreadable message that are remembered, so that each is told once. */
const FAULTY = 256;

interface Place {
  readonly kind: Kind;
  /** Ids that the topic names: of the filter's asset and of the event's, or of one that is both. */
  readonly ids: readonly string[];
  readonly attribute: string | null;
}

export type Reading = OpenRemoteEvent | EnergyError | undefined;

export class EventReader {
  private readonly seen = new BoundedMap<number>(REMEMBERED);
  private readonly faulty = new BoundedMap<true>(FAULTY);

  /** @param overlapping are there other selections on the connection at present? */
  constructor(
    private readonly address: Address,
    private readonly selection: Selection,
    private readonly overlapping: () => boolean,
  ) {}

  /** A new event of the selection; or, once per topic until it is readable again, an error; else nothing. */
  read(message: Message, now: number): Reading {
    const place = placeOf(this.address, message.topic);
    if (place?.kind !== this.selection.kind) return undefined;
    try {
      const event = this.interpret(message, place, now);
      this.faulty.delete(message.topic);
      return event;
    } catch (thrown) {
      if (this.faulty.has(message.topic)) return undefined;
      this.faulty.set(message.topic, true);
      const reason = toError(thrown).message;
      return new EnergyError('BAD_PAYLOAD', `Unreadable event on ${message.topic}: ${reason}`);
    }
  }

  private interpret(message: Message, place: Place, now: number): OpenRemoteEvent | undefined {
    const json = fromJson(message.payload);
    if (!json) throw new EnergyError('BAD_PAYLOAD', `not JSON: ${excerpt(message.payload)}`);
    const body = json.value;
    if (place.kind === 'value') return this.value(message, place, body, now);
    if (place.kind === 'asset') {
      const event = toAssetEvent(body);
      return this.selectsAsset(event.asset) && this.isNew(digest(message.payload), now)
        ? fromAssetEvent(event)
        : undefined;
    }
    const event = toAttributeEvent(body);
    const { ref, value, timestamp, deleted } = event;
    const key = JSON.stringify([ref.id, ref.name, timestamp, deleted, value]);
    return this.selectsAttribute(ref.id, ref.name, place) && this.isNew(digest(key), now)
      ? fromAttributeEvent(event)
      : undefined;
  }

  private value(message: Message, place: Place, value: unknown, now: number): OpenRemoteEvent | undefined {
    const { scope, attribute } = this.selection;
    // Topics without a name belong to the filter for all attributes of one asset.
    if (place.attribute === null && (scope !== 'asset' || attribute !== '')) return undefined;
    const assetId = place.ids.at(-1) ?? '';
    if (!this.selectsAttribute(assetId, place.attribute ?? '', place)) return undefined;
    const key = JSON.stringify([assetId, place.attribute, Buffer.from(message.payload).toString('utf8')]);
    return this.overlapping() && !this.isNew(digest(key), now, TOGETHER)
      ? undefined
      : fromValue(assetId, place.attribute, value);
  }

  /** @param within ms for which an event counts as the same; Infinity where it carries its time. */
  private isNew(key: string, now: number, within = Infinity): boolean {
    const last = this.seen.get(key);
    if (last !== undefined && now - last < within) return false;
    this.seen.set(key, now);
    return true;
  }

  private selectsAsset({ id, parentId, path }: Asset): boolean {
    const { scope, assetId } = this.selection;
    switch (scope) {
      case 'realm':
        return true;
      case 'roots':
        // For a gateway they may be the gateway's children.
        return isGateway(this.address) || typeof parentId !== 'string';
      case 'asset':
        return id === assetId;
      case 'children':
        return parentId === assetId;
      case 'subtree':
        // For a gateway the server widens it to the whole gateway.
        return id === assetId || !path || path.includes(assetId);
    }
  }

  private selectsAttribute(id: string, name: string, { ids }: Place): boolean {
    const { scope, assetId, attribute } = this.selection;
    if (attribute !== '' && name !== attribute) return false;
    switch (scope) {
      case 'asset':
        return id === assetId;
      case 'children':
        return id !== assetId;
      case 'roots':
        // Published for the children or the subtree of another asset.
        return ids.length < 2 || ids[0] === id;
      case 'realm':
      case 'subtree':
        return true;
    }
  }
}

function digest(data: string | Uint8Array): string {
  return createHash('sha1').update(data).digest('base64');
}

const GATEWAY_KINDS = new Map<string, Kind>([
  [GATEWAY_KIND.attribute, 'attribute'],
  [GATEWAY_KIND.value, 'value'],
]);
const CLASSIC_KINDS = new Map<string, Kind>([
  [CLASSIC_KIND.asset, 'asset'],
  [CLASSIC_KIND.attribute, 'attribute'],
  [CLASSIC_KIND.value, 'value'],
]);

/** What the topic of an event tells, by its shape alone. */
export function placeOf(address: Address, topic: string): Place | undefined {
  const prefix = topicBelow(address, '');
  if (!topic.startsWith(prefix)) return undefined;
  const levels = topic.slice(prefix.length).split('/');
  return levels[0] === 'events' ? gatewayPlace(levels.slice(2)) : classicPlace(levels);
}

/** `{id}`, `{id}/{id}`, `{id}/attributes`, `{id}/attributes/{name}`, `{id}/attributes/{name}/{id}` */
function gatewayPlace(levels: readonly string[]): Place | undefined {
  const [first, second, name, last] = levels;
  if (first === undefined || levels.length > 4) return undefined;
  const kind = second === undefined ? undefined : GATEWAY_KINDS.get(second);
  if (kind) return { kind, ids: last === undefined ? [first] : [first, last], attribute: name ?? null };
  return levels.length < 3 ? { kind: 'asset', ids: levels, attribute: null } : undefined;
}

/** `asset/{id}`, `asset/{id}/{id}`, `attribute/{name}/{id}`, `attribute/{name}/{id}/{id}` */
function classicPlace([area = '', ...levels]: readonly string[]): Place | undefined {
  const kind = CLASSIC_KINDS.get(area);
  if (!kind) return undefined;
  const [name, ...rest] = levels;
  const ids = kind === 'asset' ? levels : rest;
  if (ids.length === 0 || ids.length > 2) return undefined;
  return { kind, ids, attribute: kind === 'asset' ? null : (name ?? null) };
}
