import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command, Reply } from './control.ts';

const SCRIPT = fileURLToPath(new URL('./role-process.ts', import.meta.url));
/** A process that cannot start for so long is broken, not unlucky: a service that it needs may be away for some time. */
const START_PATIENCE_MS = 60_000;
const START_PAUSE_MS = 250;
/** Characters of what a process wrote to standard error before it ended. */
const LONGEST_CAUSE = 4_000;
/** kafkajs asks for timers that are overdue, of which Node says each time that it makes them 1 ms. */
const QUIET = '--disable-warning=TimeoutNegativeWarning';

/** What a process runs. */
export interface ProcessPlan {
  readonly stack: string;
  readonly dir: string;
  readonly roles: readonly string[];
  /** The clock to start with, now. */
  readonly now: () => number;
  /** Is told what a process wrote to standard error. */
  readonly onComplaint: (text: string) => void;
}

interface Waiting {
  readonly command: Command;
  readonly resolve: (value: number | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** One role process: started again whenever it ends by itself, and told again what it had been told. */
export class SupervisedProcess {
  readonly roles: readonly string[];
  /** How often it was started again. */
  restarts = 0;
  url = '';
  readonly #plan: ProcessPlan;
  readonly #calls = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #isReady = false;
  #isStopping = false;
  #failingSinceMs: number | undefined;
  #nextCall = 1;

  constructor(plan: ProcessPlan) {
    this.roles = plan.roles;
    this.#plan = plan;
  }

  /** Resolves when it serves. One that ends before is started again, as after a death, until patience ends. */
  async start(): Promise<void> {
    for (;;) {
      try {
        return await this.#startOnce();
      } catch (error) {
        this.#failingSinceMs ??= performance.now();
        if (this.#isStopping || performance.now() - this.#failingSinceMs >= START_PATIENCE_MS) throw error;
        await setTimeout(START_PAUSE_MS);
      }
    }
  }

  async #startOnce(): Promise<void> {
    const { stack, dir, roles, now, onComplaint } = this.#plan;
    const child = fork(SCRIPT, [stack, dir, String(now()), ...roles], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [...process.execArgv, QUIET],
    });
    this.#child = child;
    let complaints = '';
    child.stderr?.on('data', (chunk) => {
      complaints = `${complaints}${String(chunk)}`.slice(-LONGEST_CAUSE);
      onComplaint(`${roles.join('+')}: ${String(chunk)}`);
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (reply: Reply) => {
        if ('ready' in reply) {
          this.url = reply.url ?? '';
          resolve();
        } else this.#answer(reply);
      });
      child.once('close', (code, signal) =>
        reject(new Error(`The process of ${roles.join(', ')} ended: ${signal ?? code}. ${complaints}`)),
      );
    });
    await ready;
    this.#isReady = true;
    this.#failingSinceMs = undefined;
    child.once('exit', () => this.#startAgain());
    for (const [call, { command }] of this.#calls) child.send({ call, command });
  }

  #startAgain(): void {
    this.#isReady = false;
    if (this.#isStopping) return;
    this.restarts += 1;
    this.start().catch((error: Error) => {
      for (const { reject } of this.#calls.values()) reject(error);
    });
  }

  #answer({ call, value, error }: Extract<Reply, { readonly call: number }>): void {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  /** Survives the death of the process: its successor is asked again. */
  ask(command: Command): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const call = this.#nextCall++;
      this.#calls.set(call, { command, resolve, reject });
      if (this.#isReady) this.#child?.send({ call, command }, () => {}); // a dead channel: the successor is asked
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Ends it as a failing machine would. */
  kill(): void {
    this.#isReady = false;
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (this.#isReady) void this.ask({ kind: 'stop' }).catch(() => {});
    else child.kill('SIGKILL');
    const timer = globalThis.setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }
}
