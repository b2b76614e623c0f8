import { type LogFields, type Logger, MilongaError } from '@milonga/core';
import { type Logger as Pino, pino } from 'pino';
import { LineBudget } from './line-budget.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
type Level = (typeof LEVELS)[number];

/** How logs are written. */
export interface LoggingOptions {
  /** Default: 'info', or the environment variable MILONGA_LOG_LEVEL. */
  readonly level?: Level;
  /** Lines of one message per ten seconds; what is withheld is counted, and told by a later line. Default: 20. */
  readonly linesPerMessage?: number;
  /** Where lines go. Default: standard error, so that a program's standard output stays its own. */
  readonly destination?: { write(line: string): void };
}

/** A logger that owns its output. */
export interface OwnedLogger extends Logger {
  /** Tells of what was withheld so far. Call it before the process ends. */
  flush(): void;
}

/** Names of fields whose values never stand in a log. */
const SECRETS = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey'];

/**
 * Structured logs: one JSON object a line. A message that repeats is rate-limited, and never in silence.
 *
 * @throws MilongaError `MILONGA_CONFIG_INVALID` for a level that there is not.
 * @example
 * ```ts
 * const log = pinoLogger({ level: 'warn' }).with({ role: 'collect' });
 * log.warn('The event log is slow', { lag: 1_200 });
 * ```
 */
export function pinoLogger(options: LoggingOptions = {}): OwnedLogger {
  const level = checkLevel(options.level ?? process.env.MILONGA_LOG_LEVEL ?? 'info');
  const settings = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[withheld]' },
    serializers: { error: describeError },
  };
  const target =
    options.destination === undefined
      ? pino(settings, pino.destination({ dest: 2, sync: true }))
      : pino(settings, options.destination);
  const budget = new LineBudget(options.linesPerMessage ?? 20, (message, withheldLines) =>
    target.warn({ withheldLines, of: message }, 'Lines were withheld'),
  );
  return new RateLimitedLogger(target, budget);
}

function checkLevel(level: string): Level {
  const known = LEVELS.find((one) => one === level);
  if (known !== undefined) return known;
  throw new MilongaError(
    'MILONGA_CONFIG_INVALID',
    `The level of logs is one of ${LEVELS.join(', ')}; found "${level}". It comes from \`logging.level\` or MILONGA_LOG_LEVEL.`,
  );
}

const describeError = (error: unknown): unknown => (error instanceof Error ? pino.stdSerializers.err(error) : error);

class RateLimitedLogger implements OwnedLogger {
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
  flush(): void {
    this.#budget.flush();
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const withheld = this.#budget.take(message);
    if (withheld === undefined) return;
    this.#pino[level](withheld === 0 ? fields : { ...fields, withheldLines: withheld }, message);
  }
}
