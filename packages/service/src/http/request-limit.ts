import type { ServerResponse } from 'node:http';
import { deadlineExceeded, MilongaError } from '@milonga/core';

/** When the work on a request must end, and why. */
export class RequestLimit {
  readonly #ending = new AbortController();
  readonly #response: ServerResponse;
  readonly #processSignal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;

  /** Ends when the client goes, after `limitMs`, or when the process must end. Call {@link over} when the work is done. */
  constructor(response: ServerResponse, limitMs: number, processSignal: AbortSignal | undefined) {
    this.#response = response;
    this.#processSignal = processSignal;
    this.#timer = setTimeout(() => this.#ending.abort(deadlineExceeded('The request', limitMs)), limitMs);
    response.once('close', this.#onClose);
    processSignal?.addEventListener('abort', this.#onProcessEnd, { once: true });
    if (processSignal?.aborted) this.#onProcessEnd();
    if (response.destroyed || response.socket?.destroyed) this.#onClose();
  }

  readonly #onClose = (): void => {
    if (!this.#response.writableEnded)
      this.#ending.abort(new MilongaError('MILONGA_ABORTED', 'The client closed the connection.'));
  };

  readonly #onProcessEnd = (): void =>
    this.#ending.abort(
      new MilongaError('MILONGA_ABORTED', 'The server is stopping and could not wait any longer.', {
        isRetryable: true,
      }),
    );

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** What the work resolves to; rejects with the signal's reason as soon as it aborts, whether or not the work minds it. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(this.signal.reason);
      this.signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', onAbort));
      if (this.signal.aborted) onAbort();
    });
  }

  over(): void {
    clearTimeout(this.#timer);
    this.#response.off('close', this.#onClose);
    this.#processSignal?.removeEventListener('abort', this.#onProcessEnd);
  }
}
