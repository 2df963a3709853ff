/** Gives the broker's topics their meaning: the manager as its MQTT clients see it. */
import type { AttributeWriter } from './attribute-writer';
import type { Permissions } from './authorisation/permissions';
import type { PublishRules } from './authorisation/publish-rules';
import type { SubscribeRules } from './authorisation/subscribe-rules';
import type { Identity, UserDirectory } from './authorisation/users';
import type { BrokerMessage, BrokerPolicy, Client, Credentials } from './broker/types';
import { handleClassicWrite, parseClassicWrite } from './classic/write';
import type { EventPublisher } from './events/event-publisher';
import { isDisabled } from './gateway/gateway-asset';
import type { GatewayRegistry } from './gateway/registry';
import type { Manager } from './operations/context';
import { perform } from './operations/operation-handler';
import { parseRequest, type Request } from './operations/request';
import type { Responder } from './operations/responder';
import type { Worker } from './operations/worker';

export interface ManagerParts extends Manager {
  readonly users: UserDirectory;
  readonly registry: GatewayRegistry;
  readonly permissions: Permissions;
  readonly publishRules: PublishRules;
  readonly subscribeRules: SubscribeRules;
  readonly events: EventPublisher;
  readonly writer: AttributeWriter;
  readonly worker: Worker;
  readonly responder: Responder;
}

export class ManagerPolicy implements BrokerPolicy<Identity> {
  constructor(private readonly parts: ManagerParts) {}

  authenticate(credentials: Credentials): Identity | undefined {
    return this.parts.users.authenticate(credentials);
  }

  connected(client: Client<Identity>): void {
    const gateway = this.parts.registry.ofClient(client.id);
    if (gateway && isDisabled(gateway)) client.disconnect();
    else this.setGatewayStatus(client, 'CONNECTED');
  }

  disconnected(client: Client<Identity>): void {
    this.parts.events.removeAll(client);
    this.setGatewayStatus(client, 'DISCONNECTED');
  }

  maySubscribe(client: Client<Identity>, filter: string): boolean {
    return this.parts.subscribeRules.grant(client, filter) !== undefined;
  }

  mayPublish(client: Client<Identity>, topic: string): boolean {
    return this.parts.publishRules.permits(client, topic);
  }

  subscribed(client: Client<Identity>, filter: string): void {
    const grant = this.parts.subscribeRules.grant(client, filter);
    if (typeof grant === 'object') this.parts.events.add(client, filter, grant.events);
  }

  unsubscribed(client: Client<Identity>, filter: string): void {
    this.parts.events.remove(client, filter);
  }

  published(client: Client<Identity>, { topic, payload }: BrokerMessage, acknowledge: () => void): void {
    const levels = topic.split('/').slice(2);
    const text = payload.toString('utf8');
    const request = parseRequest(levels);
    if (request && this.parts.behaviour.answersBeforeAcknowledgement) {
      this.perform(client, topic, request, text, acknowledge);
      return;
    }
    acknowledge();
    const write = parseClassicWrite(levels);
    if (request) this.perform(client, topic, request, text);
    else if (write) handleClassicWrite(write, text, this.parts.writer);
    else this.parts.writer.acknowledge(text);
  }

  private perform(client: Client<Identity>, topic: string, request: Request, payload: string, done?: () => void): void {
    const { worker, permissions, responder } = this.parts;
    worker.add(() => {
      const caller = permissions.caller(client, topic);
      if (caller) {
        const { reply, afterwards } = perform(this.parts, caller, request, payload);
        if (reply) responder.answer(client.id, topic, reply.body);
        afterwards?.();
      }
      done?.();
    });
  }

  /** Kept by the server itself; a gateway needs no last will for it. */
  private setGatewayStatus(client: Client<Identity>, status: 'CONNECTED' | 'DISCONNECTED'): void {
    const gateway = client.identity === 'anonymous' ? undefined : this.parts.registry.ofClient(client.id);
    if (gateway) this.parts.store.writeValue(gateway.id, 'gatewayStatus', status, this.parts.clock.now());
  }
}
