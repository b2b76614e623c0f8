const WINDOW_MS = 10_000;
const MOST_MESSAGES = 1_000;

interface Counted {
  startedAt: number;
  lines: number;
  withheld: number;
}

/** Counts lines per message in windows of ten seconds. Holds at most a thousand messages. */
export class LineBudget {
  readonly #limit: number;
  readonly #counts = new Map<string, Counted>();
  readonly #onWithheld: (message: string, lines: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onWithheld Told, at the end of a window, how many lines were withheld and not told of by a later line. */
  constructor(limit: number, onWithheld: (message: string, lines: number) => void) {
    this.#limit = limit;
    this.#onWithheld = onWithheld;
  }

  /** `undefined` when the line must be withheld, else the number of lines withheld since the last one. */
  take(message: string): number | undefined {
    const now = performance.now();
    const known = this.#counts.get(message);
    if (known === undefined || now - known.startedAt > WINDOW_MS) {
      this.#counts.delete(message);
      this.#counts.set(message, { startedAt: now, lines: 1, withheld: 0 });
      if (this.#counts.size > MOST_MESSAGES) this.#forgetOldest();
      return known?.withheld ?? 0;
    }
    known.lines += 1;
    if (known.lines <= this.#limit) return 0;
    known.withheld += 1;
    this.#timer ??= setTimeout(() => this.#tellWhatIsOver(), WINDOW_MS).unref();
    return undefined;
  }

  /** Tells of everything withheld; for the end of a process. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [message, counted] of this.#counts) this.#tell(message, counted);
  }

  #tellWhatIsOver(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [message, counted] of this.#counts) {
      if (counted.withheld === 0) continue;
      if (now - counted.startedAt > WINDOW_MS) this.#tell(message, counted);
      else this.#timer ??= setTimeout(() => this.#tellWhatIsOver(), WINDOW_MS).unref();
    }
  }

  #forgetOldest(): void {
    for (const [message, counted] of this.#counts) {
      this.#counts.delete(message);
      this.#tell(message, counted);
      return;
    }
  }

  #tell(message: string, counted: Counted): void {
    if (counted.withheld > 0) this.#onWithheld(message, counted.withheld);
    counted.withheld = 0;
  }
}
