import {
  FeatureReader,
  type Fields,
  type Frame,
  HistoricalFeatureReader,
  Lake,
  MilongaError,
  messageOf,
  type PipelineShape,
  type Ports,
  Turns,
} from '@milonga/core';
import type { LabelOptions, SampleOptions } from '../logistic-ranker/logistic-ranker-options.ts';
import type { PrepareContext, PreparedTraining } from '../model/trainable-model.ts';
import { type ChosenGroup, chooseGroups } from './label-groups.ts';
import { RankingRows } from './ranking-rows.ts';
import { WaveSize } from './wave-size.ts';

/** What {@link readRankingSet} reads. */
export interface RankingSetOptions<F extends Fields> {
  readonly model: string;
  readonly pipeline: PipelineShape;
  /** Name of the scoring stage that candidates are taken before. */
  readonly before: string;
  readonly labels: LabelOptions<F>;
  readonly sample: Required<SampleOptions>;
  readonly windowMs: number;
  readonly inputs: Fields;
}

/** Share of groups whose candidates may fail to be computed; more, and the pipeline itself is at fault. */
const MOST_FAILED = 0.05;

/**
 * The training set of a ranker: for each label group the candidates that the serving pipeline would have had just before it,
 * with the features as they were known then. Groups go in waves: the reads of one wave wait together, so that a reader of
 * history can answer them with one statement.
 */
export async function readRankingSet<F extends Fields>(
  options: RankingSetOptions<F>,
  context: PrepareContext,
): Promise<PreparedTraining> {
  const { labels, sample, windowMs, model, inputs } = options;
  const { groups } = await chooseGroups(labels, sample, windowMs, context.ports.get(Lake), context);
  const rows = new RankingRows(model, inputs, sample);
  const failures: unknown[] = [];
  const turns = new Turns(`Reading the training set of "${model}"`, context.signal);
  const waves = new WaveSize(sample.concurrency);
  for (let start = 0; start < groups.length; ) {
    const wave = groups.slice(start, start + waves.next);
    const found = await Promise.allSettled(wave.map((group) => candidatesOf(group, options, context)));
    context.signal.throwIfAborted();
    for (const [at, outcome] of found.entries()) {
      if (outcome.status === 'fulfilled') rows.add(wave[at]!, outcome.value);
      else failures.push(outcome.reason);
      await turns.giveWay();
    }
    start += wave.length;
    if (failures.length > Math.max(1, groups.length * MOST_FAILED)) throw tooManyFailures(options, failures, start);
    waves.learn(found.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
    rows.endWave();
    context.onProgress(start / groups.length);
  }
  if (failures.length > 0)
    context.log.warn('Some label groups were left out: their candidates could not be computed', {
      model,
      left: failures.length,
      of: groups.length,
      error: messageOf(failures[0]),
    });
  return { data: rows.finish(), rows: groups.length - failures.length, dataFrom: groups[0]?.at ?? context.until };
}

function candidatesOf<F extends Fields>(
  group: ChosenGroup,
  { pipeline, before, labels }: RankingSetOptions<F>,
  { ports, signal }: PrepareContext,
): Promise<Frame> {
  const input = labels.input({ group: group.group, user: group.user, at: group.at });
  return pipeline.candidatesAt(input, { at: group.at, before, ports, features: historyReader(ports), signal });
}

/** Reads the past; a pipeline that reads no features needs none. */
const historyReader = (ports: Ports): FeatureReader =>
  ports.has(HistoricalFeatureReader)
    ? ports.get(HistoricalFeatureReader)
    : {
        read: () =>
          Promise.reject(
            new MilongaError(
              'MILONGA_WIRING_PORT_MISSING',
              `The pipeline reads features without naming "${FeatureReader.id}" among its needs.`,
            ),
          ),
      };

const tooManyFailures = <F extends Fields>(
  { model, pipeline }: RankingSetOptions<F>,
  failures: readonly unknown[],
  tried: number,
): MilongaError =>
  new MilongaError(
    'MILONGA_TRAINING_FAILED',
    `The training set of "${model}" cannot be made: pipeline "${pipeline.name}" failed for ${failures.length} of ${tried} label groups, first with: ${messageOf(failures[0])}`,
    { cause: failures[0] },
  );
