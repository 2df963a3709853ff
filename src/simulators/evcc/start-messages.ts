/** What evcc writes at its start whatever the configuration. */

/** Sent at start before the first values, when the lists are still empty. */
export const EMPTY_SITE: Readonly<Record<string, string>> = { 'site/grid': '', 'site/pv': '0', 'site/battery': '' };

/** Empty messages at start, left from older schemas. */
export const LEGACY_DELETIONS: readonly string[] = ['pv', 'battery', 'vehicles'].flatMap((name) =>
  Array.from({ length: 10 }, (_, i) => `site/${name}/${i}`),
);

/** Configuration echoes (payloads of a plain installation), sent once at start; of no use to a peer. */
export const CONFIGURATION_ECHOES: Readonly<Record<string, string>> = {
  'site/mqtt/config/broker': 'localhost:1883',
  'site/mqtt/config/user': '',
  'site/mqtt/config/password': '',
  'site/mqtt/config/insecure': 'false',
  'site/network/port': '7070',
  'site/network/host': '',
  'site/influx/insecure': 'false',
  'site/modbusproxy': '0',
  'site/deviceColors': '0',
  'site/sponsor/status/name': '',
  'site/tariffs/yamlSource': 'file',
  'site/hems/config/configured': 'false',
  'site/hems/status': '',
  'site/authDisabled': 'true',
  'site/experimental': 'false',
  'site/optimizer': 'false',
};

const STATISTICS_PERIODS = ['30d', '365d', 'thisYear', 'total'];
const STATISTICS_FIELDS = ['solarPercentage', 'chargedKWh', 'avgPrice', 'avgCo2'];
/** Of a fresh installation; sent once, after the first update. */
export const STATISTICS: readonly string[] = STATISTICS_PERIODS.flatMap((period) =>
  STATISTICS_FIELDS.map((field) => `site/statistics/${period}/${field}`),
);
