import { type Connection, SharedConnection } from '../src/client/shared-connection.ts';
import { type RedisAdapterOptions, type RedisSettings, settingsOf } from '../src/redis-options.ts';

/** Limits that a busy machine keeps. */
export const patient: RedisAdapterOptions = {
  readTimeoutMs: 5_000,
  writeTimeoutMs: 5_000,
  connectTimeoutMs: 5_000,
  keyPrefix: `test-${process.pid}-${Date.now().toString(36)}:`,
};

/** Something over a connection of its own, as another process has it. */
export async function openFor<T>(
  options: RedisAdapterOptions,
  make: (connection: Connection, settings: RedisSettings) => T,
): Promise<T> {
  const settings = settingsOf(options);
  return make(await new SharedConnection(settings).take(), settings);
}
