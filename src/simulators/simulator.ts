/** What all simulators share: a device that connects to a broker as the real one does. */

export interface SimulatorOptions {
  /** `mqtt://127.0.0.1:1883` */
  readonly broker: string;
  readonly username?: string;
  readonly password?: string;
  /** How much faster than real time its cadences run; 1 = real time. */
  readonly speed?: number;
}

export interface Simulator {
  /** Resolves when the device is connected and has published what it publishes at start. */
  start(): Promise<void>;
  /** Ends in an orderly way: no timer, no socket is left. */
  stop(): Promise<void>;
  /** Drops the connection without DISCONNECT, so that the broker publishes the last will. */
  kill(): Promise<void>;
}
