/** What the dialogs of the OpenRemote nodes show: the topics that the connection gives, and what of it will not work. */
import { complaint, input, optionalPattern, type Validate, valueOf } from './form';

const NAMESPACE = '@jouleflow/node-red-home-energy/openremote-asset';

function say(key: string, values?: object): string {
  return RED._(`${NAMESPACE}:address.${key}`, values);
}

/** An `energy-broker` as the editor knows it. Credentials are there once its dialog was open. */
interface Broker {
  readonly id: string;
  readonly clientid?: string;
  readonly valid?: boolean;
  readonly credentials?: { readonly user?: string };
}

/** Node-RED replaces it before the node sees it. */
const isEnvironment = (text: string): boolean => text.includes('${');

function canStandInTopics(clientId: string): boolean {
  return isEnvironment(clientId) || /^[A-Za-z0-9_-]{1,255}$/.test(clientId);
}

function findings(broker: Broker, user: string, asGateway: boolean): string[] {
  const clientId = broker.clientid?.trim() ?? '';
  const ownRealm = valueOf(input('realm')).trim();
  const colon = user.indexOf(':');
  const hasRealm = colon > 0 && colon < user.length - 1;
  const realm = ownRealm || (hasRealm ? user.slice(0, colon) : '');
  const lines = [say('topics', { prefix: `${realm || '?'}/${clientId || '?'}/` })];
  if (!hasRealm && !isEnvironment(user)) lines.push(say('badUser', { user }));
  if (clientId === '') lines.push(say('noClientId'));
  else if (!canStandInTopics(clientId)) lines.push(say('badClientId', { clientId }));
  else if (asGateway && !isEnvironment(clientId) && !clientId.startsWith('gateway-')) lines.push(say('notGateway'));
  return lines;
}

/**
 * Shows in `#{id}` which topics the chosen broker and realm make, now and whenever they change.
 * @param asGateway the node works as a Gateway V2 asset only
 */
export function showAddress(id: string, asGateway = false): void {
  const field = $(`#${id}`);
  const tell = (broker: Broker, user: string): void => {
    field.empty().show();
    for (const line of findings(broker, user, asGateway)) field.append($('<div></div>').text(line));
  };
  const update = (): void => {
    const chosen = valueOf(input('broker'));
    const broker = RED.nodes.node(chosen) as Broker | undefined;
    if (!broker) {
      field.hide();
      return;
    }
    if (broker.credentials?.user !== undefined) {
      tell(broker, broker.credentials.user);
      return;
    }
    const isStillChosen = (): boolean => valueOf(input('broker')) === chosen;
    void $.getJSON(`credentials/energy-broker/${encodeURIComponent(chosen)}`)
      .then(
        ({ user }: { user?: string }) => user ?? '',
        () => '',
      )
      .then((user) => {
        if (isStillChosen()) tell(broker, user);
      });
  };
  input('broker').on('change', update);
  input('realm').on('change input', update);
  update();
}

/**
 * A connection whose client id can stand in topics. Node-RED leaves the whole check of a property that has a validator to
 * it, so this looks for a missing and an invalid node as well, with Node-RED's own words.
 */
export const usableBroker: Validate = (value, options) => {
  const broker = typeof value === 'string' ? (RED.nodes.node(value) as Broker | undefined) : undefined;
  if (!broker || broker.valid === false) {
    return RED._(`validator.errors.${broker ? 'invalid' : 'missing'}-config`, { prop: options?.label });
  }
  const clientId = broker.clientid?.trim() ?? '';
  return clientId === '' || canStandInTopics(clientId) ? true : complaint(say('badClientId', { clientId }), options);
};

/** An asset id, or empty. */
export const optionalAssetId = optionalPattern(/^[0-9A-Za-z]{22}$/, 'validate.assetId');

/** The name of an attribute, or empty. */
export const optionalAttribute = optionalPattern(/^\w+$/, 'validate.attribute');

/** A realm, or empty. */
export const optionalRealm = optionalPattern(/^[^/+#]+$/, 'validate.realm');
