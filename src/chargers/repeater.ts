/**
 * Keeps in force what a device forgets unless it is told again. A command is repeated only while the flow that asked
 * for it still stands behind it: never after its time, after a newer command of its lane, or after a loss.
 */
import { type Port, refused } from '../mqtt/exchange';
import type { Exchange, Repetition } from '../mqtt/exchange-types';
import type { Publication } from '../mqtt/types';
import { EnergyError, toError } from '../shared/errors';

/** ms for the broker to acknowledge a repetition; shorter than any pace, so that they never pile up. */
const ACKNOWLEDGED_WITHIN = 4_000;

/** Told once when a repetition ended that nobody ended. */
export type OnLapse = (error: EnergyError, topic: string) => void;

/** Who asked for a command. */
export interface Asker {
  /** Aborted when it is gone, and with it its command. */
  readonly signal: AbortSignal;
  readonly onLapse: OnLapse;
}

/** The newest command of each lane, while it is under way or repeated. */
export type Turns = Map<string, Turn>;

export class Repeater {
  /** @param turns shared by all that may send to the same topics over one connection. */
  constructor(
    private readonly port: Port,
    private readonly turns: Turns = new Map(),
  ) {}

  /** A new command of a lane starts: what is repeated there ends. The caller ends the turn if the command fails. */
  turn(lane: string, asker: Asker): Turn {
    this.turns.get(lane)?.end();
    const turn: Turn = new Turn(this.port, asker, () => {
      if (this.turns.get(lane) === turn) this.turns.delete(lane);
    });
    this.turns.set(lane, turn);
    return turn;
  }

  /** The device is lost. */
  lost(error: EnergyError): void {
    for (const turn of this.own()) turn.lost(error);
  }

  end(): void {
    for (const turn of this.own()) turn.end();
  }

  private own(): Turn[] {
    return [...this.turns.values()].filter(({ port }) => port === this.port);
  }
}

/** One command from its start to the end of its repetition. */
export class Turn {
  private readonly started = Date.now();
  /** Aborted when it ended. */
  private readonly over = new AbortController();
  private repetition: Repetition | undefined;
  private publications: readonly Publication[] = [];
  /** ms since the epoch */
  private due = this.started;
  private timer: NodeJS.Timeout | undefined;
  private readonly owned: (() => void)[] = [];

  constructor(
    readonly port: Port,
    private readonly asker: Asker,
    private readonly onEnd: () => void,
  ) {}

  /** The command succeeded. Its repetition starts, if it has one and no newer command came meanwhile. */
  repeat({ repeat, steps }: Exchange): void {
    const { signal } = this.asker;
    if (this.over.signal.aborted || repeat === undefined || signal.aborted) {
      this.end();
      return;
    }
    this.repetition = repeat;
    this.publications = steps.flatMap((step) => step.publications);
    const abort = (): void => this.end();
    signal.addEventListener('abort', abort);
    this.owned.push(
      () => signal.removeEventListener('abort', abort),
      this.port.onLost(() => this.lost(new EnergyError('NOT_CONNECTED', 'The broker connection was lost'))),
      this.port.listen((message) => {
        if (repeat.replacedBy?.(message)) this.end();
      }),
    );
    this.schedule(repeat);
  }

  /** What lasts a moment only is said again by the flow itself; what lasts until further notice has to be asked for anew. */
  lost(error: EnergyError): void {
    if (this.repetition?.lasting === null) this.lapse(error);
    else if (this.repetition) this.end();
  }

  end(): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    clearTimeout(this.timer);
    for (const release of this.owned) release();
    this.onEnd();
  }

  private schedule(repetition: Repetition): void {
    const now = Date.now();
    this.due = Math.max(this.due + repetition.every, now);
    this.timer = setTimeout(() => this.again(repetition), this.due - now);
  }

  private again(repetition: Repetition): void {
    // The timer of a machine that slept fires late, others may fire a millisecond early.
    const now = Math.max(this.due, Date.now());
    if (repetition.lasting !== null && now >= this.started + repetition.lasting) {
      this.end();
      return;
    }
    try {
      this.port.assertReachable();
    } catch (thrown) {
      this.lost(toEnergyError(thrown));
      return;
    }
    for (const publication of this.publications) {
      this.port
        .publish(publication, now + ACKNOWLEDGED_WITHIN, this.over.signal)
        .catch((thrown: unknown) => this.lapse(toEnergyError(refused(thrown)), publication.topic));
    }
    this.schedule(repetition);
  }

  private lapse({ code, message, cause }: EnergyError, topic?: string): void {
    if (this.over.signal.aborted) return;
    this.end();
    this.asker.onLapse(
      new EnergyError(code, `The command is not repeated any longer: ${message}`, cause),
      topic ?? this.publications[0]?.topic ?? '',
    );
  }
}

function toEnergyError(thrown: unknown): EnergyError {
  return thrown instanceof EnergyError ? thrown : new EnergyError('PUBLISH_REFUSED', toError(thrown).message);
}
