/** The operations on assets and attributes, in the dialect that the server speaks. */
import type { Step, Verdict } from '../mqtt/exchange-types';
import type { Message, Publication } from '../mqtt/types';
import { validate as isChanges, type OpenRemoteAssetChanges } from '../generated/openremote-asset-changes';
import { validate as isTemplate } from '../generated/openremote-asset-template';
import { validate as isValues } from '../generated/openremote-attribute-values';
import { EnergyError } from '../shared/errors';
import { assertValid } from '../shared/validation';
import { type Dialect, type DialectChoice, topicBelow } from './address';
import {
  type Asset,
  type AssetEvent,
  type Attribute,
  bodyOf,
  judgeAnswer,
  judgeAsset,
  toAsset,
  toAssetEvent,
  toAttribute,
  toAttributeEvents,
  toValue,
} from './answers';
import { toInstant, toJson } from './json';
import { checkLevels, type Levels, newResponseIdentifier } from './levels';
import { mergeAsset } from './merge';
import { type OperationName, operationTopic, responseTopic, SILENCE } from './operations';
import type { Plan, RequestOptions, Session } from './session';

/** What became of a written attribute value. */
export interface WrittenAttribute {
  readonly assetId: string;
  readonly attribute: string;
  readonly value: unknown;
  /** Instant in UTC; null while the server has not told it. */
  readonly timestamp: string | null;
  /** `accepted`: the server took it for processing. `sent`: this dialect has no answers. */
  readonly outcome: 'accepted' | 'sent';
}

/** `merge`: what the template does not name stays. `replace`: it is removed. */
export type UpdateMode = 'merge' | 'replace';

export class Client {
  constructor(
    private readonly session: Session,
    private readonly choice: DialectChoice,
  ) {}

  /**
   * Creates an asset. `responseIdentifier` tells its answer from those to other creations; empty = a new one.
   * @throws EnergyError INVALID | REFUSED | UNSUPPORTED | NOT_CONNECTED | TIMEOUT | BAD_PAYLOAD, as all operations
   */
  async createAsset(template: unknown, options: RequestOptions, responseIdentifier = ''): Promise<AssetEvent> {
    const levels = { responseIdentifier: responseIdentifier || newResponseIdentifier() };
    checkLevels(levels);
    const given = isRecord(template) ? { attributes: {}, ...template } : template;
    assertValid(isTemplate, given, 'Not an asset template');
    // With an id the server no longer takes the realm from the topic, and fails without one.
    const asset = given.id === undefined ? given : { realm: this.session.address.realm, ...given };
    const payload = toJson(withoutNullParent(asset), '');
    const body = await this.operate('createAsset', levels, payload, options);
    return toAssetEvent(body);
  }

  async getAsset(assetId: string, options: RequestOptions): Promise<Asset> {
    return toAsset(await this.operate('getAsset', { assetId }, '', options));
  }

  /**
   * @param template with `merge` what to change (an attribute that is null is removed, `parentId` null moves the asset
   * to the top of the realm), with `replace` the whole asset: without `parentId` it moves to the top of the realm.
   */
  async updateAsset(
    assetId: string,
    template: unknown,
    mode: UpdateMode,
    options: RequestOptions,
  ): Promise<AssetEvent> {
    const levels = { assetId };
    checkLevels(levels);
    if (mode === 'merge') {
      assertValid(isChanges, template, 'Not changes of an asset');
      toJson(template, '');
      return toAssetEvent(await this.run('updateAsset', options, () => this.mergePlan(levels, template)));
    }
    assertValid(isTemplate, template, 'Not an asset template');
    const payload = toJson(withoutNullParent(template), '');
    return toAssetEvent(await this.operate('updateAsset', levels, payload, options));
  }

  /** Deletes an asset and all below it. */
  async deleteAsset(assetId: string, options: RequestOptions): Promise<AssetEvent> {
    return toAssetEvent(await this.operate('deleteAsset', { assetId }, '', options));
  }

  /**
   * Writes values of attributes of one asset: all or none of them are allowed.
   * @param timestamp ms since the epoch, for the classic dialect; the Gateway API takes none.
   */
  async updateAttributes(
    assetId: string,
    values: unknown,
    options: RequestOptions,
    timestamp?: number,
  ): Promise<WrittenAttribute[]> {
    checkLevels({ assetId });
    assertValid(isValues, values, 'Not new values of attributes');
    const entries = Object.entries(values);
    for (const [name, value] of entries) {
      checkLevels({ attribute: name });
      toJson(value, name);
    }
    const { dialect, remaining } = await this.ready(options);
    if (dialect === 'classic') {
      await this.session.request(() => this.classicPlan(assetId, entries, timestamp), remaining);
      const at = toInstant(timestamp);
      return entries.map(([attribute, value]) => ({ assetId, attribute, value, timestamp: at, outcome: 'sent' }));
    }
    const payload = toJson(values, '');
    const answer = await this.session.request(() => this.plan('updateAttributes', { assetId }, payload), remaining);
    return toAttributeEvents(answer && bodyOf(answer)).map(({ ref, value, timestamp: ms }) => ({
      assetId: ref.id,
      attribute: ref.name,
      value: value ?? null,
      timestamp: toInstant(ms),
      outcome: 'accepted',
    }));
  }

  /** Writes one value, in the form for several: typed, with null, and answered even where the attribute is unknown. */
  async updateAttribute(
    assetId: string,
    attribute: string,
    value: unknown,
    options: RequestOptions,
    timestamp?: number,
  ): Promise<WrittenAttribute> {
    checkLevels({ assetId, attribute });
    const [written] = await this.updateAttributes(assetId, { [attribute]: value }, options, timestamp);
    if (!written) throw new EnergyError('BAD_PAYLOAD', 'OpenRemote answered without an attribute event');
    return written;
  }

  async getAttribute(assetId: string, attribute: string, options: RequestOptions): Promise<Attribute> {
    return toAttribute(await this.operate('getAttribute', { assetId, attribute }, '', options));
  }

  /** The bare value; null where there is none. */
  async getValue(assetId: string, attribute: string, options: RequestOptions): Promise<unknown> {
    return toValue(await this.operate('getAttributeValue', { assetId, attribute }, '', options), attribute);
  }

  /** All attributes by name. Asks for the asset: servers lack the operation that is documented for this. */
  async getAttributes(assetId: string, options: RequestOptions): Promise<Record<string, unknown>> {
    return (await this.getAsset(assetId, options)).attributes ?? {};
  }

  private async operate(
    operation: OperationName,
    levels: Levels,
    payload: string,
    options: RequestOptions,
  ): Promise<unknown> {
    checkLevels(levels);
    return this.run(operation, options, () => this.plan(operation, levels, payload));
  }

  private async run(operation: OperationName, options: RequestOptions, plan: () => Plan): Promise<unknown> {
    const { dialect, remaining } = await this.ready(options);
    assertSupported(dialect, operation);
    const answer = await this.session.request(plan, remaining);
    return answer && bodyOf(answer);
  }

  /** The dialect, and what is left of the time once it is known. */
  private async ready(options: RequestOptions): Promise<{ dialect: Dialect; remaining: RequestOptions }> {
    const end = Date.now() + options.timeout;
    const dialect = await this.session.choose(this.choice, options);
    return { dialect, remaining: { ...options, timeout: Math.max(1, end - Date.now()) } };
  }

  private plan(operation: OperationName, levels: Levels, payload: string): Plan {
    const step = this.step(operation, levels, payload);
    const steps = this.costsConnection(operation) ? [this.step('getAsset', levels, ''), step] : [step];
    return { lane: this.laneOf(operation, levels), steps };
  }

  /** Reads the asset, and sends it back whole with the changes. */
  private mergePlan(levels: Levels, changes: OpenRemoteAssetChanges): Plan {
    let payload = '';
    const get = this.step('getAsset', levels, '', (message) =>
      judgeAsset(message, (present) => {
        payload = JSON.stringify(mergeAsset(present, changes));
      }),
    );
    const topic = this.topic('updateAsset', levels);
    const update: Step = {
      ...this.step('updateAsset', levels, ''),
      // Looked at when the step before has succeeded.
      get publications(): Publication[] {
        return [{ topic, payload }];
      },
    };
    return { lane: this.laneOf('updateAsset', levels), steps: [get, update] };
  }

  private step(operation: OperationName, levels: Levels, payload: string, judge = judgeAnswer): Step {
    const topic = this.topic(operation, levels);
    const response = responseTopic(topic);
    const hint = SILENCE[operation];
    return {
      publications: [{ topic, payload }],
      attainable: 'accepted',
      judge: (message: Message): Verdict => (message.topic === response ? judge(message) : undefined),
      afterSent: { then: 'timeout', ...(hint === undefined ? {} : { hint }) },
    };
  }

  private topic(operation: OperationName, levels: Levels): string {
    return operationTopic(this.session.address, operation, levels);
  }

  /**
   * All that concerns one asset as a whole goes in one lane, so that an update which reads the asset first neither
   * sees nor undoes half of another one; creations, and reading single attributes, do not wait for it.
   */
  private laneOf(operation: OperationName, levels: Levels): string {
    return levels.assetId === undefined || levels.attribute !== undefined
      ? responseTopic(this.topic(operation, levels))
      : topicBelow(this.session.address, `operations/assets/${levels.assetId}`);
  }

  /**
   * With 3.1.1 the server closes the connection, which others share, at the update or deletion of an asset that does
   * not exist; asked for the asset first, it answers with an error.
   */
  private costsConnection(operation: OperationName): boolean {
    const link = this.session.connection.state;
    const legacy = link.state === 'connected' && link.protocolVersion === 4;
    return legacy && (operation === 'updateAsset' || operation === 'deleteAsset');
  }

  /** Released managers: JSON values, the name before the id, no answer. */
  private classicPlan(assetId: string, entries: readonly [string, unknown][], timestamp: number | undefined): Plan {
    const below = (tail: string): string => topicBelow(this.session.address, tail);
    const publications = entries.map(([name, value]) =>
      timestamp === undefined
        ? { topic: below(`writeattributevalue/${name}/${assetId}`), payload: toJson(value, name) }
        : { topic: below(`writeattribute/${name}/${assetId}`), payload: toJson({ value, timestamp }, name) },
    );
    return { lane: below(`writeattribute/${assetId}`), steps: [{ publications, attainable: 'sent' }] };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNullParent({ parentId, ...rest }: { parentId?: string | null | undefined }): object {
  return typeof parentId === 'string' ? { ...rest, parentId } : rest;
}

function assertSupported(dialect: Dialect, operation: OperationName): void {
  if (dialect === 'gateway') return;
  throw new EnergyError(
    'UNSUPPORTED',
    `This server has no "${operation}" over MQTT: that takes the MQTT Gateway API, which is in builds of OpenRemote's branch feature/mqtt-gateway-api and in no release up to 1.28.1; use the manager's REST API instead`,
  );
}
