/** One line that rewrites itself on a terminal, or a line now and then where there is none. */
export class ProgressBar {
  readonly #total: number;
  readonly #out: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  #lastMs = Number.NEGATIVE_INFINITY;
  #isOnLine = false;

  constructor(total: number, out: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#out = out;
  }

  /** `at`: event time. `note` is appended, such as what is being trained. */
  update(done: number, at: number, note = ''): void {
    const now = performance.now();
    if (now - this.#lastMs < (this.#out.isTTY ? 100 : 5_000)) return;
    this.#lastMs = now;
    const seconds = (now - this.#startedMs) / 1_000;
    const rate = done / Math.max(seconds, 0.001);
    const share = Math.min(1, done / Math.max(1, this.#total));
    const remaining = rate > 0 ? Math.max(0, this.#total - done) / rate : 0;
    const bar = '#'.repeat(Math.round(share * 24)).padEnd(24, '.');
    const date = new Date(at).toISOString().slice(0, 10);
    this.#write(
      `${date} [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${Math.round(rate).toLocaleString('en')} events/s  ${clock(remaining)} left  ${note}`,
    );
  }

  /** Prints a line above the bar. */
  line(text: string): void {
    if (this.#isOnLine) this.#out.write('\r\x1b[2K');
    this.#isOnLine = false;
    this.#out.write(`${text}\n`);
  }

  #write(text: string): void {
    if (!this.#out.isTTY) {
      this.#out.write(`${text.trimEnd()}\n`);
      return;
    }
    this.#out.write(`\r\x1b[2K${text.slice(0, (this.#out.columns ?? 120) - 1)}`);
    this.#isOnLine = true;
  }

  end(): void {
    if (this.#isOnLine) this.#out.write('\n');
    this.#isOnLine = false;
  }
}

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
