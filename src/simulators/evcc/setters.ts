/** What a setter does with a payload, and what evcc then sends besides the acknowledgement. */
import { type LoadpointTopic, type SiteTopic } from './topics';
import { type Loadpoint, type State } from './state';

/** What follows an accepted payload. Nothing (null) follows a refused one, and mostly one that changes nothing. */
export interface Effect {
  readonly loadpoints?: readonly { readonly loadpoint: Loadpoint; readonly topics: readonly LoadpointTopic[] }[];
  readonly site?: readonly SiteTopic[];
  /** All vehicles, and what they change at their loadpoints. */
  readonly vehicles?: true;
  /** Loadpoint that gets an extra update at once. */
  readonly update?: Loadpoint;
}

/** null = refused (told in evcc's log only) or without effect: only the acknowledgement follows. */
export type Setter<Target> = (target: Target, payload: string, state: State) => Effect | null;
