import { MilongaError } from '@milonga/core';
import type * as IoRedis from 'ioredis';

/** ioredis as a module. */
export type IoRedisModule = typeof IoRedis;

let loaded: Promise<IoRedisModule> | undefined;

/** Loads ioredis when it is needed first, and says what to install where it is not there. */
export function loadIoRedis(): Promise<IoRedisModule> {
  loaded ??= import('ioredis').catch((error: unknown) => {
    loaded = undefined;
    throw new MilongaError(
      'MILONGA_WIRING_CREATE_FAILED',
      'The Redis adapter needs the package "ioredis", which could not be loaded. Install it: npm install ioredis@6',
      { cause: error },
    );
  });
  return loaded;
}
