import { seededRandom } from '../simulation/random.ts';

/**
 * What can befall one call.
 *
 * - `delay`: it begins late. `reorder`: it begins after a call that was made later.
 * - `fail-before`: nothing was done. `fail-after`: it was done, and the answer was lost. `half-apply`: the first half of the
 *   batch was done. `duplicate`: it was done twice. `cut`: it was cancelled while it ran; nobody knows how far it came.
 */
export type Fault = 'delay' | 'reorder' | 'fail-before' | 'fail-after' | 'half-apply' | 'duplicate' | 'cut';

/** How often each fault strikes, 0 to 1; together at most 1. */
export type FaultRates = Readonly<Record<Fault, number>>;

/** How a {@link FaultPlan} decides. */
export interface FaultPlanOptions {
  /** The same seed gives the n-th call of each method the same fault. */
  readonly seed: number;
  /** Default: 8 % for each fault. */
  readonly rates?: Partial<FaultRates>;
  /** Longest delay. Default: 10. */
  readonly maxDelayMs?: number;
  /**
   * Whether the layer repeats by itself what a caller may repeat, so that a test that knows nothing of faults must still
   * pass. Calls that must not be repeated then only fail before they did anything. Default: false, the caller sees errors.
   */
  readonly isRecovering?: boolean;
  /** What the calls are counted by, such as the name of the running test, so that one test alone meets the same faults. */
  readonly scope?: () => string;
}

const usual = 0.08;
const order: readonly Fault[] = ['delay', 'reorder', 'fail-before', 'fail-after', 'half-apply', 'duplicate', 'cut'];

/**
 * Decides by a seed what befalls each call: the n-th call of a method meets the same fault in every run, whatever other
 * methods do meanwhile. One plan may stand behind several wrapped ports.
 *
 * @example
 * ```ts
 * const plan = new FaultPlan({ seed: 7, rates: { cut: 0 } });
 * const store = faultyOnlineStore(realStore, plan);
 * plan.stop(); // from here on every call goes straight through
 * ```
 */
export class FaultPlan {
  readonly seed: number;
  readonly maxDelayMs: number;
  readonly isRecovering: boolean;
  readonly #rates: FaultRates;
  readonly #scope: () => string;
  readonly #calls = new Map<string, number>();
  readonly #counts = new Map<Fault, number>();
  readonly #heldBack = new Set<() => void>();
  #lastScope = '';
  #isRunning = true;

  constructor({ seed, rates = {}, maxDelayMs = 10, isRecovering = false, scope = () => '' }: FaultPlanOptions) {
    this.seed = seed;
    this.maxDelayMs = maxDelayMs;
    this.isRecovering = isRecovering;
    this.#scope = scope;
    const rateOf = (fault: Fault): readonly [Fault, number] => [fault, rates[fault] ?? usual];
    this.#rates = Object.fromEntries(order.map(rateOf)) as unknown as FaultRates;
  }

  /** The fault of the next call of this method, if any, and a number in [0, 1) to shape it. */
  next(method: string, possible: readonly Fault[]): { readonly fault: Fault | undefined; readonly shape: number } {
    const scope = this.#scope();
    if (scope !== this.#lastScope) this.#calls.clear();
    this.#lastScope = scope;
    const call = (this.#calls.get(method) ?? 0) + 1;
    this.#calls.set(method, call);
    const random = seededRandom(hash(`${this.seed}/${scope}/${method}/${call}`));
    let left = random.next();
    const shape = random.next();
    if (!this.#isRunning) return { fault: undefined, shape };
    for (const fault of possible) {
      left -= this.#rates[fault];
      if (left >= 0) continue;
      this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1);
      return { fault, shape };
    }
    return { fault: undefined, shape };
  }

  /** No fault from here on; what is held back goes on. */
  stop(): void {
    this.#isRunning = false;
    this.overtaken();
  }

  /** How often each fault has struck. */
  get counts(): ReadonlyMap<Fault, number> {
    return this.#counts;
  }

  /** Resolves when another call has gone ahead, or after the longest delay. */
  holdBack(): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        clearTimeout(timer);
        this.#heldBack.delete(release);
        resolve();
      };
      const timer = setTimeout(release, this.maxDelayMs);
      this.#heldBack.add(release);
    });
  }

  /** Lets go of the calls that were held back for another one to go ahead. */
  overtaken(): void {
    for (const release of [...this.#heldBack]) release();
  }
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
