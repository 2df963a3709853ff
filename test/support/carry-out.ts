/** Gives a command node a message and waits for what becomes of it. */
import { at, type NodeRed, type Received } from './node-red';
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

/** Where the message went: one of the two is there. */
export interface Fate {
  readonly done: Received | undefined;
  readonly failed: Received | undefined;
}

let last = 0;

/** For flows with probes `results`, behind the node, and `errors`, behind a Catch node. */
export async function fateOf(red: NodeRed, node: string, message: object): Promise<Fate> {
  const tag = ++last;
  const found = (probe: string): Received | undefined => red.received(probe).find((one) => one['tag'] === tag);
  red.send(node, { ...message, tag });
  await until(
    () => Boolean(found('results') ?? found('errors')),
    `an answer of ${node} to ${JSON.stringify(message)}`,
    16_000,
  );
  return { done: found('results'), failed: found('errors') };
}

/** For flows made of `chargerFlow`: node `control`. @param extra properties of the message */
export async function carryOut(red: NodeRed, payload: unknown, extra: object = {}): Promise<Told> {
  const { done, failed } = await fateOf(red, 'control', { ...extra, payload });
  return {
    end: at(done, 'payload.outcome') ?? at(failed, 'error.code'),
    message: done ?? failed,
    result: at(done, 'payload'),
    error: at(failed, 'error'),
  };
}
