/**
 * What it means when the manager refuses a publication or a subscription. It says nothing itself: with MQTT 5 a reason
 * code 0x87, with 3.1.1 a closed connection (publication) or a failure code (subscription).
 */
import { TopicTree } from '../mqtt/topic-tree';

const BELOW_GATEWAY =
  "an asset below a gateway takes this from the gateway's own connection only, and a gateway only for assets below itself";

const PUBLICATIONS: Readonly<Record<string, string>> = {
  'operations/assets/+/create': 'the user needs the role write:assets and must not be a restricted user',
  'operations/assets/+/get': 'the user needs the role read:assets',
  'operations/assets/+/update': `no such asset in this realm, or the role write:assets is missing; ${BELOW_GATEWAY}`,
  'operations/assets/+/delete': `no such asset in this realm, or the role write:assets is missing; ${BELOW_GATEWAY}`,
  'operations/assets/+/attributes/update': 'the role write:attributes is missing, or the gateway is disabled',
  'operations/assets/+/attributes/+/get':
    'the role read:assets is missing, or the connection is that of a gateway and the asset is not below it',
  'operations/assets/+/attributes/+/get-value':
    'the role read:assets is missing, or the connection is that of a gateway and the asset is not below it',
  'writeattributevalue/+/+': 'no such asset or attribute, or the role write:attributes is missing',
  'writeattribute/+/+':
    'no such asset or attribute, the role write:attributes is missing, or the manager is older than 1.3.4',
  'gateway/events/acknowledge': "only a Gateway V2 asset's own connection may acknowledge, and only while not disabled",
};

const reasons = new TopicTree<string>();
for (const [tail, reason] of Object.entries(PUBLICATIONS)) reasons.set(`+/+/${tail}`, reason);

/** Why a publication to this topic may have been refused. */
export function refusalReason(topic: string): string {
  const [reason] = reasons.match(topic);
  return reason ?? 'the user may not publish there';
}
