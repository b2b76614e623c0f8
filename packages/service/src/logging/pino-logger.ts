import type { LogFields, Logger } from '@milonga/core';
import { type Logger as Pino, pino } from 'pino';

/** How logs are written. */
export interface LoggingOptions {
  /** Default: 'info', or the environment variable MILONGA_LOG_LEVEL. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Lines of one message per ten seconds; the next line that passes says how many were withheld. Default: 20. */
  readonly linesPerMessage?: number;
  /** Where lines go. Default: standard error, so that a program's standard output stays its own. */
  readonly destination?: { write(line: string): void };
}

const WINDOW_MS = 10_000;
const MOST_MESSAGES = 1_000;

/** Structured logs: one JSON object a line. A message that repeats is rate-limited, and never in silence. */
export function pinoLogger(options: LoggingOptions = {}): Logger {
  const level = options.level ?? process.env.MILONGA_LOG_LEVEL ?? 'info';
  const settings = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  const target =
    options.destination === undefined
      ? pino(settings, pino.destination({ dest: 2, sync: true }))
      : pino(settings, options.destination);
  return new RateLimitedLogger(target, new LineBudget(options.linesPerMessage ?? 20));
}

/** Counts lines per message in windows of ten seconds. Holds at most a thousand messages. */
class LineBudget {
  readonly #limit: number;
  readonly #counts = new Map<string, { startedAt: number; lines: number; withheld: number }>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `undefined` when the line must be withheld, else the number of lines withheld since the last one. */
  take(message: string): number | undefined {
    const now = performance.now();
    let entry = this.#counts.get(message);
    if (entry === undefined || now - entry.startedAt > WINDOW_MS) {
      const withheld = entry?.withheld ?? 0;
      if (this.#counts.size >= MOST_MESSAGES) this.#counts.clear();
      entry = { startedAt: now, lines: 1, withheld: 0 };
      this.#counts.set(message, entry);
      return withheld;
    }
    entry.lines += 1;
    if (entry.lines <= this.#limit) return 0;
    entry.withheld += 1;
    return undefined;
  }
}

class RateLimitedLogger implements Logger {
  readonly #pino: Pino;
  readonly #budget: LineBudget;

  constructor(target: Pino, budget: LineBudget) {
    this.#pino = target;
    this.#budget = budget;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }
  with(fields: LogFields): Logger {
    return new RateLimitedLogger(this.#pino.child(fields), this.#budget);
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const withheld = this.#budget.take(message);
    if (withheld === undefined) return;
    this.#pino[level](withheld === 0 ? fields : { ...fields, withheldLines: withheld }, message);
  }
}
