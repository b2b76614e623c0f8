import type { Schedule } from '../model/trainable-model.ts';

/** When runs of one schedule are due. All times are Unix ms. */
export class DueTimes {
  readonly #schedule: Schedule;
  #originAt: number | undefined;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#originAt = schedule.startAt;
  }

  /** False until it is known when the data began. */
  get hasOrigin(): boolean {
    return this.#originAt !== undefined;
  }

  beginAt(originAt: number): void {
    this.#originAt ??= originAt;
  }

  /** The latest due time that has come, if data were not used until then already. */
  due(now: number, trainedUntil: number): number | undefined {
    const { everyMs, delayMs } = this.#schedule;
    const firstAt = this.#firstAt;
    if (firstAt === undefined || now < firstAt + delayMs) return undefined;
    const latest = firstAt + Math.floor((now - delayMs - firstAt) / everyMs) * everyMs;
    return latest > trainedUntil ? latest : undefined;
  }

  /** The moment at which the next run should begin. */
  nextAt(trainedUntil: number): number | undefined {
    const { everyMs, delayMs } = this.#schedule;
    const firstAt = this.#firstAt;
    if (firstAt === undefined) return undefined;
    if (trainedUntil < firstAt) return firstAt + delayMs;
    return firstAt + (Math.floor((trainedUntil - firstAt) / everyMs) + 1) * everyMs + delayMs;
  }

  get #firstAt(): number | undefined {
    return this.#originAt === undefined ? undefined : this.#originAt + this.#schedule.startAfterMs;
  }
}
