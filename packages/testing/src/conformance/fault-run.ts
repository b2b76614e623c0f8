import { relative } from 'node:path';
import { type ErrorCode, MilongaError } from '@milonga/core';
import { beforeEach, expect, test } from 'vitest';
import { FaultPlan } from '../chaos/fault-plan.ts';
import { seededRandom } from '../simulation/random.ts';
import { type Creating, withWrapped } from './wrapped-creation.ts';

/** A real connection that a test can disturb, such as a `ConnectionProxy` of `@milonga/testing/chaos`. */
export interface ConnectionFaults {
  /** Cuts or stalls the connection for a while, and lets it go on; `shape`, from 0 up to 1, says how and how long. */
  disturb(shape: number): Promise<void>;
  /** Everything as it should be. */
  restore(): Promise<void>;
}

/** How a suite runs under faults. */
export interface ChaosOptions {
  /** Default: 1. The environment's `MILONGA_CHAOS_SEED` goes before both. */
  readonly seed?: number;
  /** A call that has not settled by then hangs. Default: 5,000. */
  readonly deadlineMs?: number;
  /** Steps of each writer in the history under faults. Default: 60. */
  readonly rounds?: number;
  /**
   * Disturbs this connection while the history runs, instead of the calls; the checks of the suite then run undisturbed.
   * Default: none, every call of the suite and of the history goes through a fault layer.
   */
  readonly connection?: ConnectionFaults;
}

const seedOf = ({ seed }: ChaosOptions): number => Number(process.env.MILONGA_CHAOS_SEED ?? seed ?? 1);

const testName = (): string => expect.getState().currentTestName ?? '';

/** The same options, with every call going through faults that a patient caller hides; unchanged without `chaos`. */
export function throughFaults<T extends object, O extends Creating<T> & { readonly chaos?: ChaosOptions }>(
  options: O,
  wrap: (created: T, plan: FaultPlan) => T,
): O {
  const { chaos } = options;
  if (chaos === undefined || chaos.connection !== undefined) return options;
  const plan = new FaultPlan({ seed: seedOf(chaos), isRecovering: true, scope: testName });
  return withWrapped<T, O>(options, (created) => wrap(created, plan));
}

/** One history under faults: what disturbs it, and what each of its calls may come to. */
export class FaultRun {
  readonly plan: FaultPlan;
  readonly rounds: number;
  readonly #chaos: ChaosOptions;
  readonly #deadlineMs: number;

  constructor(chaos: ChaosOptions) {
    this.#chaos = chaos;
    this.#deadlineMs = chaos.deadlineMs ?? 5_000;
    this.rounds = chaos.rounds ?? 60;
    this.plan = new FaultPlan({ seed: seedOf(chaos) });
    if (chaos.connection) this.plan.stop();
  }

  /**
   * What a call resolved to, or `failed` when it rejected as the port may when it cannot answer. Throws when it hangs or
   * rejects otherwise.
   */
  async call<T>(
    what: string,
    call: Promise<T>,
    codes: readonly ErrorCode[],
  ): Promise<{ readonly value: T } | { readonly failed: MilongaError }> {
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<never>((_, reject) => {
      const error = new Error(`${what} hangs: it has not settled within ${this.#deadlineMs} ms.`);
      timer = setTimeout(() => reject(error), this.#deadlineMs);
    });
    try {
      return { value: await Promise.race([call, hangs]) };
    } catch (error) {
      if (!MilongaError.isInstance(error)) throw error;
      expect(codes, `${what} rejected with ${error.code}: ${error.message}`).toContain(error.code);
      expect(error.isRetryable, `${what} rejected with ${error.code}, which must be retryable`).toBe(true);
      return { failed: error };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs the workers to their end, with faults all the while, and none after. */
  async disturbed(workers: readonly Promise<void>[]): Promise<void> {
    const all = Promise.all(workers);
    const done = all.then(() => true);
    const random = seededRandom(seedOf(this.#chaos));
    const { connection } = this.#chaos;
    if (connection) {
      const tick = (): Promise<boolean> =>
        new Promise((resolve) => setTimeout(resolve, 20 + random.next() * 60, false));
      try {
        while (!(await Promise.race([done, tick()]))) await connection.disturb(random.next());
      } finally {
        await connection.restore();
      }
    }
    await all;
    this.plan.stop();
  }
}

/** Registers the history of a suite, when its author asked for faults. */
export function testUnderFaults(
  chaos: ChaosOptions | undefined,
  name: string,
  history: (run: FaultRun) => Promise<void>,
): void {
  if (chaos === undefined) return;
  sayHowToRepeat(chaos);
  test(`under faults: ${name}`, { timeout: 120_000 }, () => history(new FaultRun(chaos)));
}

/** Says, for every test of this block that fails, how to run it again with the same faults. */
export function sayHowToRepeat(chaos: ChaosOptions | undefined): void {
  if (chaos === undefined) return;
  beforeEach(({ onTestFailed }) => {
    const { testPath = '' } = expect.getState();
    const name = testName();
    onTestFailed(() => {
      console.error(repeatCommand(seedOf(chaos), relative(process.cwd(), testPath), name));
    });
  });
}

/** The one command that runs a test again with the same faults. */
export function repeatCommand(seed: number, file: string, testName: string): string {
  const pattern = testName
    .split(' > ')
    .map((part) => part.replace(/[^\p{L}\p{N} :,-]/gu, '.'))
    .join('.+');
  return `To repeat: MILONGA_CHAOS_SEED=${seed} npx vitest run ${file} -t "${pattern}"`;
}
