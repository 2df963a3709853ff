/** What a node remembers across restarts, in Node-RED's context store. */
import type { Node } from 'node-red';
import { toError } from '../shared/errors';
import type { Life } from './node';

/** ms in which changes are gathered into one write. */
const GATHER = 1_000;

/**
 * One value of a node's own context, as plain JSON. Asynchronous throughout, since stores may be. A store that fails is
 * told once and otherwise does no harm: the node then starts without a memory.
 */
export class Memory {
  private snapshot: (() => unknown) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private warned = false;

  constructor(
    private readonly node: Node,
    life: Life,
    private readonly key: string,
  ) {
    life.owns(() => this.flush());
  }

  /** What was kept last, possibly by another version of the node or by somebody else. Never fails. */
  recall(): Promise<unknown> {
    return new Promise((resolve) => {
      try {
        this.node.context().get(this.key, (error: unknown, value) => {
          if (error) this.warn(error);
          resolve(error ? undefined : value);
        });
      } catch (thrown) {
        this.warn(thrown);
        resolve(undefined);
      }
    });
  }

  /** Tells what to keep from now on. */
  keep(snapshot: () => unknown): void {
    this.snapshot = snapshot;
  }

  /** Something worth keeping changed: written within a second, and at the latest when the node is closed. */
  changed(): void {
    this.timer ??= setTimeout(() => void this.flush(), GATHER);
  }

  private flush(): Promise<void> {
    const { timer, snapshot } = this;
    clearTimeout(timer);
    this.timer = undefined;
    if (!timer || !snapshot) return Promise.resolve();
    return new Promise((resolve) => {
      try {
        this.node.context().set(this.key, snapshot(), (error: unknown) => {
          if (error) this.warn(error);
          resolve();
        });
      } catch (thrown) {
        this.warn(thrown);
        resolve();
      }
    });
  }

  private warn(thrown: unknown): void {
    if (this.warned) return;
    this.warned = true;
    this.node.warn(`The context store failed: ${toError(thrown).message}`);
  }
}
