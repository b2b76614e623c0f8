/** A length of time. Made by {@link minutes} and its like, so that no call site has to say its unit twice. */
export interface Duration {
  readonly ms: number;
}

const duration = (ms: number): Duration => {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`A duration must be a finite number >= 0; found ${ms} ms.`);
  return Object.freeze({ ms });
};

/**
 * A length of time in milliseconds (1/1,000 s).
 * @throws RangeError when negative or not finite.
 * @example `milliseconds(250).ms === 250`
 */
export const milliseconds = (count: number): Duration => duration(count);
/**
 * A length of time in seconds.
 * @throws RangeError when negative or not finite.
 * @example `seconds(2).ms === 2_000`
 */
export const seconds = (count: number): Duration => duration(count * 1_000);
/**
 * A length of time in minutes of 60 s.
 * @throws RangeError when negative or not finite.
 * @example `minutes(10).ms === 600_000`
 */
export const minutes = (count: number): Duration => duration(count * 60_000);
/**
 * A length of time in hours of 3,600 s.
 * @throws RangeError when negative or not finite.
 * @example `hours(1).ms === 3_600_000`
 */
export const hours = (count: number): Duration => duration(count * 3_600_000);
/**
 * A length of time in days of exactly 24 hours: Unix time knows neither leap seconds nor summer time.
 * @throws RangeError when negative or not finite.
 * @example `days(7).ms === 604_800_000`
 */
export const days = (count: number): Duration => duration(count * 86_400_000);
