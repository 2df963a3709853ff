/** Gives a `charger-control` node a command and waits for what becomes of it. */
import { at, type NodeRed } from './node-red';
import { until } from './until';

/** Result or error of one command, whichever came. */
export interface Told {
  /** The outcome, or the error's code. */
  readonly end: unknown;
  /** The result message, or the one that the Catch node sent. */
  readonly message: unknown;
  /** `msg.payload` of a result; undefined when it failed. */
  readonly result: unknown;
  /** Undefined when it succeeded. */
  readonly error: unknown;
}

let last = 0;

/** For flows made of `chargerFlow`: node `control`, probes `results` and `errors`. @param extra properties of the message */
export async function carryOut(red: NodeRed, payload: unknown, extra: object = {}): Promise<Told> {
  const tag = ++last;
  const answers = (probe: string): unknown => red.received(probe).find((message) => message['tag'] === tag);
  red.send('control', { ...extra, payload, tag });
  await until(
    () => Boolean(answers('results') ?? answers('errors')),
    `an answer to ${JSON.stringify(payload)}`,
    16_000,
  );
  const [done, failed] = [answers('results'), answers('errors')];
  return {
    end: at(done, 'payload.outcome') ?? at(failed, 'error.code'),
    message: done ?? failed,
    result: at(done, 'payload'),
    error: at(failed, 'error'),
  };
}
