import { type LeaseHold, MilongaError } from '@milonga/core';

/** What a {@link RedisLeaseHold} is made of. */
export interface RedisLeaseHoldParts {
  readonly name: string;
  readonly token: number;
  readonly ttlMs: number;
  /** On `performance.now()`, when the lease was asked for: the server's count began later. */
  readonly askedAt: number;
  /** False when somebody else holds it. */
  readonly renew: () => Promise<boolean>;
  readonly release: () => Promise<void>;
  readonly onEnd: () => void;
}

/** A lease that is held: renewed each third of its time, lost a tenth before its end. */
export class RedisLeaseHold implements LeaseHold {
  readonly token: number;
  readonly #parts: RedisLeaseHoldParts;
  readonly #controller = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  #loss: NodeJS.Timeout;
  #releasing: Promise<void> | undefined;

  constructor(parts: RedisLeaseHoldParts) {
    this.#parts = parts;
    this.token = parts.token;
    this.#renewal = setInterval(() => void this.#renew(), Math.max(1, parts.ttlMs / 3)).unref();
    this.#loss = this.#awaitLoss(parts.askedAt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #awaitLoss(askedAt: number): NodeJS.Timeout {
    const left = askedAt + this.#parts.ttlMs * 0.9 - performance.now();
    return setTimeout(() => this.#lose('it could not be renewed in time'), Math.max(0, left)).unref();
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      const isHeld = await this.#parts.renew();
      if (this.#releasing !== undefined || this.signal.aborted) return;
      if (!isHeld) return this.#lose('somebody else holds it, or the server forgot it');
      clearTimeout(this.#loss);
      this.#loss = this.#awaitLoss(askedAt);
    } catch {
      // The next renewal tries again; when none succeeds in time, the lease is lost, and the signal says so.
    }
  }

  #lose(why: string): void {
    this.#stop();
    this.#controller.abort(new MilongaError('MILONGA_ABORTED', `The lease "${this.#parts.name}" was lost: ${why}.`));
  }

  #stop(): void {
    clearInterval(this.#renewal);
    clearTimeout(this.#loss);
    this.#parts.onEnd();
  }

  release(): Promise<void> {
    this.#releasing ??= this.#giveBack();
    return this.#releasing;
  }

  async #giveBack(): Promise<void> {
    this.#stop();
    if (!this.signal.aborted) await this.#parts.release();
  }
}
