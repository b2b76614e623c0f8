import { type Port, port } from '../ports/port.ts';

/** Facts beside a log line. Never a secret, never a whole payload. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs. `service` writes them as JSON lines; libraries only hand them over. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  with(fields: LogFields): Logger;
}
export const Logger: Port<Logger> = port<Logger>('logger/1');

const nothing = (): void => {};
/** Takes everything and writes nothing: for tests and for libraries that were given no logger. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  with: () => silentLogger,
};
