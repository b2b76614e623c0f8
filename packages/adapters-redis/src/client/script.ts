import { createHash } from 'node:crypto';
import type { ChainableCommander } from 'ioredis';

/** A Lua script over keys of one slot: sent by its hash, and in full to a server that does not know it. */
export class Script {
  readonly #source: string;
  readonly #hash: string;

  constructor(source: string) {
    this.#source = source;
    this.#hash = createHash('sha1').update(source).digest('hex');
  }

  send(
    pipeline: ChainableCommander,
    isKnown: boolean,
    keys: readonly string[],
    values: readonly (string | number | Buffer)[],
  ): unknown {
    if (isKnown) return pipeline.evalsha(this.#hash, keys.length, ...keys, ...values);
    return pipeline.eval(this.#source, keys.length, ...keys, ...values);
  }
}
