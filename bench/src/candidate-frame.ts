import {
  type BooleanType,
  boolean,
  type EnumerationType,
  enumeration,
  type Fields,
  type Float64Type,
  Frame,
  float32,
  float64,
  int32,
  type StringType,
  string,
  type ValueType,
} from '@milonga/core';
import { randomBy } from './random.ts';

const CATEGORIES = ['music', 'games', 'talk', 'sport', 'cooking', 'art', 'news', 'other'] as const;
const NUMBERS: readonly (() => ValueType)[] = [float64, float32, int32];

/** Columns that every frame of candidates has, by name; the others are numbers. */
export type CandidateColumns = {
  readonly id: StringType;
  readonly category: EnumerationType<(typeof CATEGORIES)[number]>;
  readonly isLive: BooleanType;
  readonly fresh: Float64Type;
};

/** Candidates: an id, a category, a flag, and numbers of three types up to `width` columns. */
export function candidateFrame(rows: number, width: number): Frame<CandidateColumns> {
  const random = randomBy(7);
  const fields: Record<string, ValueType> = {
    id: string(),
    category: enumeration(...CATEGORIES),
    isLive: boolean(),
    fresh: float64(),
  };
  for (let at = 4; at < width; at += 1) fields[`f${at}`] = NUMBERS[at % NUMBERS.length]!();
  const cell = (name: string, kind: string, row: number): unknown => {
    if (name === 'id') return `streamer-${(row * 7919) % 1_000_003}`;
    if (name === 'category') return CATEGORIES[Math.floor(random() * CATEGORIES.length)];
    if (kind === 'boolean') return random() > 0.1;
    return kind === 'int32' ? Math.floor(random() * 1_000) : Math.fround(random());
  };
  const values = Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(Object.entries(fields).map(([name, { kind }]) => [name, cell(name, kind, row)])),
  );
  return Frame.fromRows(fields as Fields, values as never) as unknown as Frame<CandidateColumns>;
}
