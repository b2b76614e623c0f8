/** Partitions that the compactor makes. The longest that stays small enough is taken, so that files are few. */
export type PeriodUnit = 'hour' | 'day' | 'month';

/** From `start` to before `end`, Unix ms, in UTC. */
export interface Period {
  readonly unit: PeriodUnit;
  readonly start: number;
  readonly end: number;
}

export const HOUR_MS = 3_600_000;
/** The last moment of JavaScript's dates, in Unix ms; the first one is its negative. DuckDB's timestamps reach a little further. */
export const MOST_AT = 8_640_000_000_000_000;
const DAY_MS = 24 * HOUR_MS;

/** The period of a unit that a moment lies in. */
export function periodAt(unit: PeriodUnit, at: number): Period {
  if (unit === 'month') {
    const date = new Date(at);
    const month = (offset: number): number => {
      const first = new Date(0);
      first.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + offset, 1); // Date.UTC takes years below 100 for others
      return first.getTime();
    };
    const [start, end] = [month(0), month(1)]; // NaN beyond the range of dates
    return { unit, start: Number.isNaN(start) ? -MOST_AT : start, end: Number.isNaN(end) ? MOST_AT + 1 : end };
  }
  const length = unit === 'hour' ? HOUR_MS : DAY_MS;
  const start = Math.floor(at / length) * length;
  return { unit, start, end: start + length };
}

/** The folder of a period, as Hive names partitions, so that other tools can read them. */
export function folderOf({ unit, start }: Pick<Period, 'unit' | 'start'>): string {
  const text = new Date(start).toISOString();
  const date = text.slice(0, text.indexOf('T'));
  if (unit === 'month') return `month=${date.slice(0, -3)}`;
  return unit === 'day' ? `date=${date}` : `date=${date}/hour=${text.slice(date.length + 1, date.length + 3)}`;
}
