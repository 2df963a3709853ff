/** What the driver keeps of one OpenEVSE charger. */
import type { ChargerConfig, NativeBase } from '../driver';
import { KeyValues, type Value } from '../key-values';
import type { GatewayConfig } from './gateway-config';
import { KEY_TABLE } from './keys';

/** Who the gateway is: from its announce message, else from its configuration. */
export interface Identity {
  /** MAC as lower-case hex, not padded. */
  readonly id: string;
  readonly name: string;
}

/** How far a claim or override document can be trusted. */
export interface DocumentTrust {
  /** It came live, not only as the broker's replay. */
  live: boolean;
  /**
   * ms; since then it is known to be void although nothing was published: when a vehicle leaves, the gateway drops
   * auto-released claims silently (all versions from 4.1.7 on).
   */
  voidSince: number | null;
}

export interface OpenEvseNative extends NativeBase {
  /** Base topic with its slash. */
  readonly prefix: string;
  readonly values: KeyValues;
  /** ms, when a will is believed that no later message has contradicted; null = no such will. */
  goneAt: number | null;
  /** As announced. */
  identity: Identity | null;
  /** Whether a vehicle is plugged in, as far as the controller could tell last; null = not known. */
  plugged: boolean | null;
  /** Last `state` code that was not the transient 0. */
  settledState: number | null;
  /** A 2.x gateway: it says `connected` on the base topic itself. */
  legacy: boolean;
  /** The parts of the `config` document that the driver uses, and the text they came from. */
  gateway: { readonly text: Value; readonly config: GatewayConfig } | null;
  readonly trust: { claim: DocumentTrust; override: DocumentTrust };
}

export function create(config: ChargerConfig): OpenEvseNative {
  return {
    config,
    prefix: `${config.baseTopic}/`,
    values: new KeyValues(KEY_TABLE),
    lastLive: null,
    heard: false,
    goneAt: null,
    identity: null,
    plugged: null,
    settledState: null,
    legacy: false,
    gateway: null,
    trust: { claim: { live: false, voidSince: null }, override: { live: false, voidSince: null } },
  };
}
