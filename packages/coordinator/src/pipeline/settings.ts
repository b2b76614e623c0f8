import { type Fields, MilongaError } from '@milonga/core';
import { RequestInput } from '../input/request-input.ts';
import type { CacheOptions, PipelineOptions, Range } from './pipeline-options.ts';

type AnyInput = Readonly<Record<string, unknown>>;

/** Options of a pipeline, checked and complete. */
export interface Settings {
  readonly input: RequestInput;
  readonly unit: string;
  readonly budgetMs: number;
  /** `undefined`: a quarter of the budget of a request when there are fallback sources. */
  readonly reserveMs: number | undefined;
  readonly cache: (CacheOptions<AnyInput> & { readonly maxEntries: number }) | undefined;
  readonly maxInFlight: number;
  readonly maxWaiting: number;
  readonly maxSideEffects: number;
}

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` for a name or a number that cannot be. */
export function settingsOf(name: string, options: PipelineOptions<Fields, string>): Settings {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw invalid(name, 'its name must match [a-z][a-z0-9-]*');
  const { input, defaults = {}, ranges = {}, budgetMs = 200, reserveMs, cache } = options;
  const unit = options.unit ?? Object.keys(input)[0];
  if (unit === undefined || input[unit] === undefined)
    throw invalid(name, `its unit "${unit ?? ''}" is not one of its input fields`);
  if (!(budgetMs > 0)) throw invalid(name, `budgetMs must be above 0; found ${budgetMs}`);
  if (reserveMs !== undefined && !(reserveMs >= 0 && reserveMs < budgetMs)) {
    throw invalid(name, `reserveMs must be from 0 to below the budget of ${budgetMs} ms; found ${reserveMs}`);
  }
  const settings: Settings = {
    input: new RequestInput(name, input, defaults, ranges as Readonly<Record<string, Range | undefined>>),
    unit,
    budgetMs,
    reserveMs,
    cache:
      cache === undefined
        ? undefined
        : { ...(cache as CacheOptions<AnyInput>), maxEntries: cache.maxEntries ?? 10_000 },
    maxInFlight: options.maxInFlight ?? 64,
    maxWaiting: options.maxWaiting ?? 256,
    maxSideEffects: options.maxSideEffects ?? 10_000,
  };
  const counts = {
    maxInFlight: settings.maxInFlight,
    maxSideEffects: settings.maxSideEffects,
    maxEntries: settings.cache?.maxEntries ?? 1,
  };
  for (const [option, count] of Object.entries(counts)) {
    if (!(Number.isInteger(count) && count > 0))
      throw invalid(name, `${option} must be a whole number above 0; found ${count}`);
  }
  return settings;
}

const invalid = (name: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `Pipeline "${name}" cannot be defined: ${why}.`);
