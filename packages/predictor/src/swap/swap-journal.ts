import {
  type AliasEntry,
  type Clock,
  type Logger,
  type ModelRegistry,
  messageOf,
  type VersionRecord,
} from '@milonga/core';
import { decides } from './claim-live.ts';
import type { SwapCheck } from './swap-report.ts';

/** What was found of a version that wanted to go live. */
export interface Verdict {
  readonly outcome: 'passed' | 'rejected';
  readonly reason: string;
  readonly checks: readonly SwapCheck[];
  /** False when the next try may come to another one, as after an outage of the store. */
  readonly isFinal: boolean;
}

/** Puts verdicts on the record of their version. */
export class SwapJournal {
  readonly #registry: ModelRegistry;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(registry: ModelRegistry, clock: Clock, log: Logger) {
    this.#registry = registry;
    this.#clock = clock;
    this.#log = log;
  }

  /** A registry that cannot be written to must not undo a swap, nor hide the verdict: the log line has it. */
  async write(entry: AliasEntry, verdict: Verdict): Promise<void> {
    const { model, version = '', alias, revision } = entry;
    const { outcome, reason, checks, isFinal } = verdict;
    try {
      if (await this.#isKnown(entry, verdict)) return;
      await this.#registry.record({
        model,
        version,
        kind: 'swap',
        outcome,
        reason,
        at: this.#clock.now(),
        details: { checks, ...(isFinal ? { decides: { alias, revision } } : {}) },
      });
    } catch (error) {
      this.#log.error('The verdict on a version could not be recorded', {
        model,
        version,
        outcome,
        reason,
        error: messageOf(error),
      });
    }
  }

  /** Every process comes to a verdict of its own, at every start: what is on record already is not repeated. */
  async #isKnown(entry: AliasEntry, { outcome, reason }: Verdict): Promise<boolean> {
    const isSame = (record: VersionRecord): boolean =>
      record.outcome === outcome && (outcome === 'passed' || record.reason === reason) && decides(record, entry);
    return (await this.#registry.records(entry.model, entry.version ?? '')).some(isSame);
  }
}
