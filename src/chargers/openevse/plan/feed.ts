/** Power readings for the charger's divert and displays, on the topics that its own configuration names. */
import type { Exchange } from '../../../mqtt/exchange-types';
import { validate } from '../../../generated/openevse-feed';
import { EnergyError, invalid } from '../../../shared/errors';
import { isTopic } from '../../../shared/topics';
import { toNumber } from '../../key-values';
import { type GatewayConfig, gatewayConfig } from '../gateway-config';
import type { OpenEvseNative } from '../native';
import { checked, isEcho, type Params, SENT_BY_SILENCE } from './exchange';

const FEEDS = ['grid', 'solar', 'battery'] as const;
type Feed = (typeof FEEDS)[number];

/** Status keys in which the gateway repeats a feed. Those of divert appear only for the feed that drives it. */
function echoKey(feed: Feed, gateway: GatewayConfig): string | null {
  if (feed === 'battery') return 'home_battery_power';
  if (gateway.divertFeed !== feed) return null;
  return feed === 'grid' ? 'grid_ie' : 'solar';
}

/** A topic that may be published to, and not one of the broker's own. */
function isPublishable(topic: string): boolean {
  return !topic.startsWith('$') && isTopic(topic);
}

function topicOf(feed: Feed, gateway: GatewayConfig): string | null {
  const topic = gateway.feeds[feed];
  if (topic === undefined) return null;
  if (isPublishable(topic)) return topic;
  throw new EnergyError('UNSUPPORTED', `the charger's own topic for the ${feed} feed cannot be published to: ${topic}`);
}

/**
 * `feed`: what is known, as integers, since the gateway reads leading digits only. Feeds that the charger has no topic
 * for are left out and missing in the result's value.
 * @throws EnergyError INVALID when none is known, UNSUPPORTED when it has a topic for none of them.
 */
export function planFeed(params: Params, native: OpenEvseNative): Exchange {
  const given = checked(validate, params, 'feed');
  const known = FEEDS.filter((feed) => typeof given[feed] === 'number');
  if (known.length === 0) throw invalid('feed', [{ path: '', message: 'needs at least one power that is known' }]);
  const gateway = gatewayConfig(native);
  if (gateway === null) {
    throw new EnergyError('UNSUPPORTED', 'the charger has not told its feed topics: it published no config document');
  }
  const feeds = known.flatMap((feed) => {
    const value = given[feed];
    const topic = topicOf(feed, gateway);
    return typeof value !== 'number' || topic === null
      ? []
      : [{ feed, topic, value: Math.round(value), echo: echoKey(feed, gateway) }];
  });
  if (feeds.length === 0) {
    throw new EnergyError('UNSUPPORTED', `no topic for ${known.join(', ')} is set in the charger's MQTT configuration`);
  }
  const echoes = feeds.filter(({ echo }) => echo !== null);
  const value = Object.fromEntries(feeds.map((feed) => [feed.feed, feed.value]));
  return {
    lane: `${native.prefix}feed ${Object.keys(value).join(' ')}`,
    supersedes: true,
    value,
    steps: [
      {
        publications: feeds.map((feed) => ({ topic: feed.topic, payload: String(feed.value) })),
        attainable: echoes.length === feeds.length ? 'confirmed' : 'sent',
        judge: (message) => {
          const heard = echoes.some(({ echo }) => echo !== null && isEcho(native, echo, message));
          const all = echoes.every(
            (feed) => feed.echo !== null && toNumber(native.values.get(feed.echo)) === feed.value,
          );
          return heard && all ? { stage: 'confirmed', value } : undefined;
        },
        // Up to 5.1.5 a gateway listens to feeds only when their feature was on at its connect.
        afterSent: SENT_BY_SILENCE,
      },
    ],
  };
}
