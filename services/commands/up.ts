import type { ServiceName } from '../addresses.ts';
import { type Started, startServices, stopServices } from '../lifecycle.ts';
import { interruptible } from '../machine/interruption.ts';
import { describeLacks } from '../words.ts';
import type { Command } from './command.ts';

/** 128 and the number of SIGINT, as shells count it. */
const interruptedCode = 130;

/** Starts services. A Ctrl-C stops those that this call had started, and only those. */
export const up: Command = (names, { wait }) =>
  interruptible(async (signal) => {
    const started: Started[] = [];
    try {
      for (const name of names) {
        const [one] = await startServices([name], { say: console.log, signal, kept: true });
        started.push(one!);
        tell(one!);
      }
      if (wait) await untilInterrupted(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const mine = started.filter(({ outcome }) => outcome === 'started').map(({ name }) => name);
      await stopServices(mine, { say: console.log });
      console.log('Interrupted: what was being started is stopped.');
      return interruptedCode;
    }
    return summary(started);
  });

function tell(one: Started): void {
  if (one.outcome === 'was up') console.log(`${one.name}: was up already: ${JSON.stringify(one.address)}`);
  if (one.outcome === 'lacking') console.log(`${one.name}: skipped. This machine lacks ${describeLacks(one.lacks)}`);
  if (one.outcome === 'failed') console.error(`${one.name}: FAILED. ${one.error.message}`);
}

function summary(started: readonly Started[]): number {
  const missing: readonly ServiceName[] = started
    .filter(({ outcome }) => outcome === 'lacking' || outcome === 'failed')
    .map(({ name }) => name);
  const up = started.length - missing.length;
  console.log(`${up} of ${started.length} up${missing.length === 0 ? '.' : `; not up: ${missing.join(', ')}.`}`);
  return missing.length === 0 ? 0 : 1;
}

function untilInterrupted(signal: AbortSignal): Promise<never> {
  console.log('They run until you press Ctrl-C.');
  const alive = setInterval(() => undefined, 60_000);
  return new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  }).finally(() => clearInterval(alive));
}
