/** What the rest of the package knows of MQTT: packets in, publications out. */

/** One received message. `payload` is only valid during the call: copy what you keep. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** true: the broker replayed an old value. false: live. */
  readonly retained: boolean;
  readonly qos: 0 | 1 | 2;
}

/** One message to publish; `topic` is absolute. Commands are never retained, so there is no flag for it here. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
}
