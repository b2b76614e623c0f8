/**
 * Runs the work with a signal that Ctrl-C and SIGTERM abort, so that it can end what it started before the process ends.
 *
 * @example await interruptible((signal) => startServices(['kafka'], { signal }));
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
