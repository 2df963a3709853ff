/** `energy-broker`: one MQTT connection that all other nodes of the package share. */
import { randomBytes } from 'node:crypto';
import type { NodeAPI, NodeDef } from 'node-red';
import { Connection, type ConnectionOptions, type LifeMessage, type TlsOptions } from '../../src/mqtt/connection';
import { readServers } from '../../src/mqtt/servers';
import { type BrokerCredentials, type BrokerNode, Hub } from '../../src/runtime/broker';
import { flag, number, oneOf, text } from '../../src/runtime/coerce';
import { report, setUp } from '../../src/runtime/node';
import { EnergyError, type ErrorCode, toError } from '../../src/shared/errors';
import { isTopic } from '../../src/shared/topics';

type Config = NodeDef & Record<string, unknown>;
type Moment = 'will' | 'birth' | 'close';

/** A core `tls-config` node. */
interface TlsNode {
  readonly valid: boolean;
  addTLSOptions(options: object): TlsOptions & { ALPNProtocols?: string[] | string };
}

function lifeMessage(config: Config, moment: Moment): LifeMessage | undefined {
  const topic = text(config[`${moment}Topic`]);
  if (!topic) return undefined;
  if (!isTopic(topic)) throw new EnergyError('NOT_CONFIGURED', `"${topic}" is not a topic (${moment} message)`);
  const qos = Number(oneOf(`${moment}Qos`, config[`${moment}Qos`], ['0', '1', '2'], '0')) as 0 | 1 | 2;
  const payload = config[`${moment}Payload`];
  return {
    topic,
    payload: typeof payload === 'string' ? payload : text(payload),
    qos,
    retain: flag(config[`${moment}Retain`]),
  };
}

function tlsOptions(RED: NodeAPI, id: string): TlsOptions | undefined {
  if (!id) return undefined;
  const node = RED.nodes.getNode(id) as unknown as TlsNode | null;
  if (!node?.valid) throw new EnergyError('NOT_CONFIGURED', 'The TLS configuration is missing or not valid');
  return node.addTLSOptions({});
}

function readOptions(RED: NodeAPI, config: Config, credentials: BrokerCredentials): ConnectionOptions {
  const useTls = flag(config['usetls']);
  const servers = readServers(
    text(config['broker'], 'localhost'),
    number('port', config['port'], 1883, 65_535),
    useTls,
  );
  const tls = servers.some((server) => server.tls) ? tlsOptions(RED, text(config['tls'])) : undefined;
  const clientId = text(config['clientid']);
  const version = oneOf('protocolVersion', config['protocolVersion'], ['auto', '4', '5'] as const, 'auto');
  const expiry = number('sessionExpiry', config['sessionExpiry'], null, 0xffff_ffff);
  const [will, birth, close] = (['will', 'birth', 'close'] as const).map((moment) => lifeMessage(config, moment));
  const maxBackoff = (RED.settings as { mqttReconnectTime?: number }).mqttReconnectTime;
  return {
    servers,
    ...(tls ? { tls } : {}),
    protocolVersion: version === 'auto' ? 'auto' : version === '4' ? 4 : 5,
    clientId: clientId || `home-energy-${randomBytes(6).toString('hex')}`,
    ...(credentials.user ? { username: credentials.user } : {}),
    ...(credentials.password ? { password: credentials.password } : {}),
    keepalive: number('keepalive', config['keepalive'], 30, 65_535),
    // Without a client id of its own nobody could resume the session.
    clean: clientId === '' || flag(config['cleansession'], true),
    ...(expiry === null ? {} : { sessionExpiry: expiry }),
    ...(will ? { will } : {}),
    ...(birth ? { birth } : {}),
    ...(close ? { close } : {}),
    ...(maxBackoff === undefined ? {} : { maxBackoff }),
  };
}

export default function (RED: NodeAPI): void {
  function EnergyBroker(this: BrokerNode, config: Config): void {
    RED.nodes.createNode(this, config);
    this.users = {};
    setUp(this, (life) => {
      let options: ConnectionOptions;
      try {
        options = readOptions(RED, config, this.credentials);
      } catch (thrown) {
        this.problem = toError(thrown).message;
        throw thrown;
      }
      const connection = new Connection(options, (error) => report(this, error, ''));
      // Once per kind of failure, not with every attempt.
      const told = new Set<ErrorCode>();
      life.owns(
        connection.onState((link) => {
          if (link.state === 'disconnected') {
            if (!told.has(link.error.code)) report(this, link.error, '');
            told.add(link.error.code);
          } else if (link.state === 'connected') {
            told.clear();
            this.log(`connected to ${link.server} (MQTT ${link.protocolVersion === 5 ? '5' : '3.1.1'})`);
          }
        }),
      );
      life.owns(() => connection.close());
      this.hub = new Hub(connection);
    });
  }

  RED.nodes.registerType<BrokerNode, Config, object, BrokerCredentials>('energy-broker', EnergyBroker, {
    credentials: { user: { type: 'text' }, password: { type: 'password' } },
  });
}
