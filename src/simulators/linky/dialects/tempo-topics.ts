/** Tempo colours as the client's MQTT exporter means to publish them. */
import { addDays, dateAt } from '../calendar';
import { colorOf, QUOTA, tomorrowsColor, used } from '../tempo';
import type { Publication, Run } from './dialect';

export function tempoTopics({ options, now }: Run): Publication[] {
  const today = dateAt(now);
  const days = used(today);
  const root = `${options.prefix}/tempo`;
  return [
    { topic: `${root}/today`, payload: { color: colorOf(today), date: today } },
    { topic: `${root}/tomorrow`, payload: { color: tomorrowsColor(now), date: addDays(today, 1) } },
    {
      topic: `${root}/remaining`,
      payload: { blue: QUOTA.BLUE - days.BLUE, white: QUOTA.WHITE - days.WHITE, red: QUOTA.RED - days.RED },
    },
  ];
}
