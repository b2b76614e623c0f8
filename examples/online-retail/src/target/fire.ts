import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceName } from '../../../../services/addresses.ts';
import { kill9, revive } from '../../../../services/faults.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** Between the return of one process and the end of the next. */
const PAUSE_MS = 250;
const LOOK_MS = 20;
/** How long a killed service stays away. */
const AWAY_MS = 10_000;

/** What the fire did. */
export interface FireReport {
  /** Kills by process, named by its roles, and by service. */
  readonly kills: Readonly<Record<string, number>>;
  /** How often each process was to be killed. */
  readonly wanted: number;
}

/** What may be killed. */
export interface Fuel {
  readonly processes: readonly SupervisedProcess[];
  /** Each is killed once; of a cluster, one master. */
  readonly services: readonly ServiceName[];
  readonly servicesFolder: string;
}

/**
 * Kills one process after the other with SIGKILL, each as often as wanted, and never a second one before the first is back;
 * and on the way, while that goes on, each service once, which comes back after ten seconds.
 */
export class Fire {
  readonly #fuel: Fuel;
  readonly #wanted: number;
  readonly #kills: number[];
  readonly #killedServices: ServiceName[] = [];
  #isOut = false;
  #burning: Promise<unknown> = Promise.resolve();

  constructor(fuel: Fuel, wanted: number) {
    this.#fuel = fuel;
    this.#wanted = wanted;
    this.#kills = fuel.processes.map(() => 0);
  }

  start(): void {
    this.#burning = Promise.all([this.#burnProcesses(), this.#burnServices()]);
    this.#burning.catch(() => {}); // stop() tells
  }

  /** True when every process was killed as often as wanted. */
  get isDone(): boolean {
    return this.#share >= 1;
  }

  get #share(): number {
    const wanted = this.#wanted * this.#kills.length;
    return wanted === 0 ? 1 : this.#kills.reduce((sum, kills) => sum + kills, 0) / wanted;
  }

  async #burnProcesses(): Promise<void> {
    const { processes } = this.#fuel;
    for (let turn = 0; !this.#isOut && !this.isDone; turn += 1) {
      const at = turn % processes.length;
      const target = processes[at] as SupervisedProcess;
      await wait(PAUSE_MS * (0.5 + Math.random()));
      if (this.#isOut) return;
      const restarts = target.restarts;
      target.kill();
      this.#kills[at] = (this.#kills[at] ?? 0) + 1;
      while (!this.#isOut && !(target.restarts > restarts && target.isReady)) await wait(LOOK_MS);
    }
  }

  /** In the midst of the other kills, one service after the other. */
  async #burnServices(): Promise<void> {
    const { services, servicesFolder: folder } = this.#fuel;
    for (const [at, name] of services.entries()) {
      while (!this.#isOut && this.#share < (at + 1) / (services.length + 1)) await wait(LOOK_MS);
      if (this.#isOut) return;
      await kill9(name, { folder });
      this.#killedServices.push(name);
      await wait(AWAY_MS);
      await revive(name, { folder });
    }
  }

  /** Resolves when nothing more will be killed, and everything that was is back. */
  async stop(): Promise<FireReport> {
    this.#isOut = true;
    await this.#burning;
    const kills = this.#fuel.processes.map(
      ({ roles }, at) => [`${at + 1} ${roles.join('+')}`, this.#kills[at] ?? 0] as const,
    );
    const services = this.#killedServices.map((name) => [name, 1] as const);
    return { kills: Object.fromEntries([...kills, ...services]), wanted: this.#wanted };
  }
}
