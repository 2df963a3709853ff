/** The one boundary between Node-RED's callbacks and our code: input, close, status and errors of a node. */
import type { Node, NodeMessage, NodeStatus } from 'node-red';
import { EnergyError, toError } from '../shared/errors';

/** A message of a flow; its members may be anything. */
export type FlowMessage = NodeMessage & Record<string, unknown>;

export type Send = (message: FlowMessage) => void;

/** Handles one message; what it throws reaches the Catch node. */
export type InputHandler = (message: FlowMessage, send: Send) => void | Promise<void>;

/** ms that closing a node may take. */
const CLOSE_GRACE = 3_000;

/** What a node owns for its life: everything ends when the node is closed. */
export class Life {
  private readonly abort = new AbortController();
  private readonly ends = new Set<() => void | Promise<void>>();

  /** @param node absent: lives until `end` is called. */
  constructor(node?: Node) {
    node?.on('close', (_removed: boolean, done: () => void) => {
      const grace = setTimeout(done, CLOSE_GRACE);
      void this.end().then(() => {
        clearTimeout(grace);
        done();
      });
    });
  }

  /** Aborted when the node is closed. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Calls `end` when the node is closed. */
  owns(end: () => void | Promise<void>): void {
    if (this.signal.aborted) void end();
    else this.ends.add(end);
  }

  /** A life that ends with both of these, whichever ends first. */
  static shared(...lives: readonly Life[]): Life {
    const shared = new Life();
    const end = (): Promise<void> => shared.end();
    for (const life of lives) {
      shared.owns(() => void life.ends.delete(end));
      life.owns(end);
    }
    return shared;
  }

  /** Ends all that it owns; resolves when that is done, never rejects. */
  private async end(): Promise<void> {
    this.abort.abort();
    const ends = [...this.ends];
    this.ends.clear();
    await Promise.allSettled(ends.map(async (end) => end()));
  }

  /** Repeats `action` every `ms` until the node is closed. */
  every(ms: number, action: () => void): void {
    const timer = setInterval(action, ms);
    this.owns(() => clearInterval(timer));
  }
}

/** Binds a node's input: `done` is called exactly once per message, with the error if the handler fails. */
export function bindInput(node: Node, handler: InputHandler): void {
  node.on('input', (message, send, done) => {
    void (async () => handler(message as FlowMessage, send))().then(
      () => done(),
      (thrown: unknown) => done(toError(thrown)),
    );
  });
}

/** Shows a node's status: repeats nothing, and at most one status per second. */
export class StatusReporter {
  private shown = '';
  private shownAt = 0;
  private next: NodeStatus | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly node: Node,
    life: Life,
  ) {
    life.owns(() => clearTimeout(this.timer));
  }

  show(fill: NodeStatus['fill'], shape: NodeStatus['shape'], text: string): void {
    this.next = { fill, shape, text };
    const wait = this.shownAt + 1_000 - Date.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const status = this.next;
    const key = JSON.stringify(status);
    if (!status || key === this.shown) return;
    this.shown = key;
    this.shownAt = Date.now();
    this.node.status(status);
  }
}

/** Tells the Catch node of something that happened outside of message handling. */
export function report(node: Node, error: Error, topic: string): void {
  node.error(error, { topic });
}

/**
 * Runs a node's set-up. If the configuration is not usable the node tells it to the Status and Catch nodes once all
 * nodes are there, and answers every message with the same error.
 */
export function setUp(node: Node, action: (life: Life, status: StatusReporter) => void): void {
  const life = new Life(node);
  const status = new StatusReporter(node, life);
  try {
    action(life, status);
  } catch (thrown) {
    const error = thrown instanceof EnergyError ? thrown : new EnergyError('NOT_CONFIGURED', toError(thrown).message);
    bindInput(node, () => {
      throw error;
    });
    const later = setImmediate(() => {
      // The editor looks it up in its own language; the text goes to the Catch node.
      status.show('red', 'ring', `@jouleflow/node-red-home-energy/energy-broker:common.errors.${error.code}`);
      report(node, error, '');
    });
    life.owns(() => clearImmediate(later));
  }
}
