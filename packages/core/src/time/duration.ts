/** A length of time. Made by {@link minutes} and its like, so that no call site has to say its unit twice. */
export interface Duration {
  readonly ms: number;
}

const duration = (ms: number): Duration => {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`A duration must be a finite number >= 0; found ${ms} ms.`);
  return Object.freeze({ ms });
};

/** @example `milliseconds(250).ms === 250` */
export const milliseconds = (count: number): Duration => duration(count);
/** @example `seconds(2).ms === 2_000` */
export const seconds = (count: number): Duration => duration(count * 1_000);
/** @example `minutes(10).ms === 600_000` */
export const minutes = (count: number): Duration => duration(count * 60_000);
/** @example `hours(1).ms === 3_600_000` */
export const hours = (count: number): Duration => duration(count * 3_600_000);
/** @example `days(7).ms === 604_800_000` */
export const days = (count: number): Duration => duration(count * 86_400_000);
