import { MilongaError } from '../errors/milonga-error.ts';

/** The SDK that an adapter stands on. */
export interface SdkSource<Module> {
  /** As people call the adapter, such as `Redis`. */
  readonly adapter: string;
  /** The package of the SDK, such as `ioredis`. */
  readonly package: string;
  /** The major version that the adapter is written for. */
  readonly major: number;
  /** The dynamic import, written out, so that bundlers and types see it. */
  readonly load: () => Promise<Module>;
}

/**
 * A function that loads an SDK when it is called first, so that only who uses an adapter needs its SDK; a load that failed is
 * tried again at the next call.
 *
 * @throws MilongaError `MILONGA_WIRING_CREATE_FAILED`, from the function, when the SDK is not there; it says what to install.
 * @example
 * ```ts
 * const loadIoRedis = sdkLoader({ adapter: 'Redis', package: 'ioredis', major: 6, load: () => import('ioredis') });
 * ```
 */
export function sdkLoader<Module>({ adapter, package: name, major, load }: SdkSource<Module>): () => Promise<Module> {
  let loaded: Promise<Module> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw new MilongaError(
        'MILONGA_WIRING_CREATE_FAILED',
        `The ${adapter} adapter needs the package "${name}", which could not be loaded. Install it: npm install ${name}@${major}`,
        { cause: error },
      );
    });
    return loaded;
  };
}
