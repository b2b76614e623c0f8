import { setTimeout as wait } from 'node:timers/promises';
import type { SupervisedProcess } from './supervised-process.ts';

/** Between the return of one process and the end of the next. */
const PAUSE_MS = 250;
const LOOK_MS = 20;

/** What the fire did. */
export interface FireReport {
  /** Kills by process, named by its roles. */
  readonly kills: Readonly<Record<string, number>>;
  /** How often each was to be killed. */
  readonly wanted: number;
}

/** Kills one process after the other with SIGKILL, each as often as wanted, and never a second one before the first is back. */
export class Fire {
  readonly #processes: readonly SupervisedProcess[];
  readonly #wanted: number;
  readonly #kills: number[];
  #isOut = false;
  #burning: Promise<void> = Promise.resolve();

  constructor(processes: readonly SupervisedProcess[], wanted: number) {
    this.#processes = processes;
    this.#wanted = wanted;
    this.#kills = processes.map(() => 0);
  }

  start(): void {
    this.#burning = this.#burn();
  }

  /** True when every process was killed as often as wanted. */
  get isDone(): boolean {
    return this.#kills.every((kills) => kills >= this.#wanted);
  }

  async #burn(): Promise<void> {
    for (let turn = 0; !this.#isOut && !this.isDone; turn += 1) {
      const at = turn % this.#processes.length;
      const target = this.#processes[at] as SupervisedProcess;
      await wait(PAUSE_MS * (0.5 + Math.random()));
      if (this.#isOut) return;
      const restarts = target.restarts;
      target.kill();
      this.#kills[at] = (this.#kills[at] ?? 0) + 1;
      while (!this.#isOut && !(target.restarts > restarts && target.isReady)) await wait(LOOK_MS);
    }
  }

  /** Resolves when nothing more will be killed. */
  async stop(): Promise<FireReport> {
    this.#isOut = true;
    await this.#burning;
    const kills = this.#processes.map(
      ({ roles }, at) => [`${at + 1} ${roles.join('+')}`, this.#kills[at] ?? 0] as const,
    );
    return { kills: Object.fromEntries(kills), wanted: this.#wanted };
  }
}
