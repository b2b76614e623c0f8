import { MilongaError, type Recommender, type TrainingOutcome, trainerOf } from '@milonga/core';
import type { Printer } from '../output/printer.ts';
import { withPorts } from './with-ports.ts';

/** `milonga train <model>`. Ctrl-C ends the run and leaves no version. @returns 0: a candidate. 1: a gate refused it, or there was too little data. */
export async function train(recommender: Recommender, model: string, printer: Printer): Promise<0 | 1> {
  if (!recommender.models.some((one) => one.name === model)) {
    const defined = recommender.models.map((one) => one.name).join(', ') || 'none';
    throw new MilongaError('MILONGA_MODEL_UNKNOWN', `No model is named "${model}". Defined: ${defined}.`);
  }
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new MilongaError('MILONGA_ABORTED', 'Ctrl-C.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let phase = '';
  try {
    const outcome = await withPorts(recommender, async (running) => {
      const trainer = await running.get(trainerOf(model));
      return trainer.train({
        reason: 'asked for on the command line',
        signal: stopping.signal,
        onProgress: (progress) => {
          if (progress.phase !== phase) printer.progress(`${model}: ${progress.phase}`);
          phase = progress.phase;
        },
      });
    });
    printer.result(outcome, () => describe(outcome));
    return outcome.outcome === 'candidate' ? 0 : 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function describe({ model, version, outcome, reason, rows, trainMs, bytes, metrics, gates }: TrainingOutcome): string {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  return [
    `${model} ${version ?? '(no version)'}: ${outcome}. ${reason}`,
    `  ${rows.toLocaleString('en')} rows, ${(trainMs / 1_000).toFixed(1)} s, ${Math.round(bytes / 1_024)} KiB, ${figures.join(', ') || 'no metrics'}`,
    ...gates.map((gate) => `  ${gate.passed ? 'passed' : 'failed'} ${gate.gate}: ${gate.reason}`),
  ].join('\n');
}
