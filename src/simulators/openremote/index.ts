/** A simulated OpenRemote manager with its MQTT broker: MQTT Gateway API, Gateway V2 and the standard MQTT API. */
import { AttributeWriter, type WriteResult } from './attribute-writer';
import { Permissions } from './authorisation/permissions';
import { PublishRules } from './authorisation/publish-rules';
import { SubscribeRules } from './authorisation/subscribe-rules';
import { ALL_ROLES, type Identity, type Role, UserDirectory } from './authorisation/users';
import { Broker } from './broker/broker';
import { OwnedClock, systemClock } from './clock';
import { DEMO, DEMO_ASSETS } from './demo';
import { EventPublisher } from './events/event-publisher';
import { withGatewayAttributes } from './gateway/gateway-asset';
import { GatewayRegistry } from './gateway/registry';
import { ManagerPolicy } from './manager-policy';
import { type AssetJson, assetToJson } from './model/asset';
import { AssetStore } from './model/asset-store';
import { descriptorsOf, knownType } from './model/asset-types';
import { uniqueId } from './model/ids';
import { type AssetTemplate, checkId, checkName, readAttributes, type Violations } from './model/template';
import { Responder } from './operations/responder';
import { Worker } from './operations/worker';
import { type Behaviour, behaviourOf, type OpenRemoteSimulatorOptions } from './options';

export type { Clock } from './clock';
export { DEMO } from './demo';
export type { AssetJson, AssetTemplate, Behaviour, OpenRemoteSimulatorOptions, Role, WriteResult };

/** A manager. The controls do what someone would do in its user interface, and need no connection. */
export interface OpenRemoteSimulator {
  /** Listens on 127.0.0.1. After `stop` it takes the same port again, with its assets and users, as a restarted manager. */
  start(): Promise<void>;
  /** Cuts all connections; no timer and no socket is left. */
  stop(): Promise<void>;
  /** 0 before `start`. */
  readonly port: number;
  /** `mqtt://127.0.0.1:{port}` */
  readonly url: string;
  /** May be changed at any time. */
  readonly behaviour: Behaviour;
  /**
   * Adds an asset, with what its type requires and the template lacks. Realm `master` unless the template says otherwise.
   * @throws Error when it is not valid or cannot be stored
   */
  createAsset(template: AssetTemplate): AssetJson;
  getAsset(id: string): AssetJson | undefined;
  /** With all below it. */
  deleteAsset(id: string): void;
  /** `timestamp`: ms since the epoch, default now. `pending`: the asset is below a gateway, which has to acknowledge. */
  writeAttribute(id: string, name: string, value: unknown, timestamp?: number): WriteResult;
  /** Also brings its realm into being. */
  addUser(realm: string, name: string, secret: string, roles?: readonly Role[], restricted?: boolean): void;
  /** Lets a restricted user have an asset. @throws Error when there is no such user */
  linkAsset(realm: string, user: string, assetId: string): void;
  isConnected(clientId: string): boolean;
  /** Ends a client's connection without a word, as a failing network does. false: it is not connected. */
  cutConnection(clientId: string): boolean;
  /** Sends the answers that `lateAnswers` holds back. */
  releaseLateAnswers(): void;
}

export function createOpenRemoteSimulator(options: OpenRemoteSimulatorOptions = {}): OpenRemoteSimulator {
  return new SimulatedManager(options);
}

class SimulatedManager implements OpenRemoteSimulator {
  readonly behaviour: Behaviour;
  private listening = 0;
  private readonly clock: OwnedClock;
  private readonly realms = new Set<string>([DEMO.realm]);
  private readonly store: AssetStore;
  private readonly users: UserDirectory;
  private readonly writer: AttributeWriter;
  private readonly responder: Responder;
  private readonly worker: Worker;
  private readonly broker: Broker<Identity>;

  constructor(private readonly options: OpenRemoteSimulatorOptions) {
    const behaviour = behaviourOf(options);
    const clock = new OwnedClock(options.clock ?? systemClock);
    const store = new AssetStore(this.realms, clock);
    const registry = new GatewayRegistry(store, behaviour, clock);
    const permissions = new Permissions(store, registry);
    const users = new UserDirectory(registry);
    const send = (topic: string, payload: string, qos: 0 | 1): void =>
      this.broker.route({ topic, payload: Buffer.from(payload), qos, retain: false });
    const writer = new AttributeWriter(store, registry, clock, (topic, event) => send(topic, JSON.stringify(event), 1));
    const events = new EventPublisher((topic, payload) => send(topic, JSON.stringify(payload), 0));
    store.onChange((change) => events.tell(change));
    const responder = new Responder(behaviour, (topic, payload) => send(topic, payload, 0));
    const worker = new Worker(clock, () => behaviour.responseDelayMs);
    const policy = new ManagerPolicy({
      behaviour,
      clock,
      store,
      registry,
      permissions,
      users,
      writer,
      events,
      responder,
      publishRules: new PublishRules(permissions, behaviour, clock),
      subscribeRules: new SubscribeRules(permissions, behaviour),
      worker,
    });
    this.behaviour = behaviour;
    this.clock = clock;
    this.store = store;
    this.users = users;
    this.writer = writer;
    this.responder = responder;
    this.worker = worker;
    this.broker = new Broker(policy, behaviour, clock);
    if (options.demo ?? true) this.addDemo();
  }

  get port(): number {
    return this.listening;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.listening = await this.broker.listen(this.options.port ?? this.listening);
  }

  async stop(): Promise<void> {
    this.clock.cancelAll();
    this.worker.clear();
    this.writer.forgetPending();
    await this.broker.close();
  }

  createAsset(template: AssetTemplate): AssetJson {
    const now = this.clock.now();
    const violations: Violations = [];
    const type = knownType(template.type);
    const required = [...descriptorsOf(type)].filter(([, descriptor]) => descriptor.required);
    const attributes = { ...Object.fromEntries(required.map(([name]) => [name, {}])), ...template.attributes };
    const draft = {
      id: template.id ?? uniqueId(),
      name: template.name ?? '',
      realm: template.realm ?? DEMO.realm,
      type,
      parentId: template.parentId,
      accessPublicRead: template.accessPublicRead ?? false,
      attributes: readAttributes({ attributes }, type, now, violations),
    };
    checkName(draft.name, violations);
    checkId(draft.id, violations);
    if (violations.length > 0) throw new Error(`asset is not valid: ${violations.join(', ')}`);
    return assetToJson(this.store.create(withGatewayAttributes(draft, now)));
  }

  getAsset(id: string): AssetJson | undefined {
    const asset = this.store.get(id);
    return asset && assetToJson(asset);
  }

  deleteAsset(id: string): void {
    this.store.delete(id);
  }

  writeAttribute(id: string, name: string, value: unknown, timestamp?: number): WriteResult {
    return this.writer.write(id, name, value, 'elsewhere', timestamp);
  }

  addUser(realm: string, name: string, secret: string, roles = ALL_ROLES, restricted = false): void {
    this.realms.add(realm);
    this.users.add(realm, name, secret, roles, restricted);
  }

  linkAsset(realm: string, user: string, assetId: string): void {
    if (!this.users.link(realm, user, assetId)) throw new Error(`no user ${user} in realm ${realm}`);
  }

  isConnected(clientId: string): boolean {
    return this.broker.isOnline(clientId);
  }

  cutConnection(clientId: string): boolean {
    return this.broker.cut(clientId);
  }

  releaseLateAnswers(): void {
    this.responder.releaseAll();
  }

  private addDemo(): void {
    this.addUser(DEMO.realm, DEMO.user, DEMO.secret);
    for (const template of DEMO_ASSETS) this.createAsset(template);
  }
}
