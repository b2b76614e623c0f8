import { randomUUID } from 'node:crypto';
import { type Lease, type LeaseHold, MilongaError } from '@milonga/core';
import { within } from '../client/call-limit.ts';
import { exchange } from '../client/exchange.ts';
import { closed, type PortCodes, portError } from '../client/failures.ts';
import { type Nodes, nodesOf } from '../client/nodes.ts';
import type { Script } from '../client/script.ts';
import type { Connection } from '../client/shared-connection.ts';
import { redisKey } from '../online/redis-key.ts';
import type { RedisSettings } from '../redis-options.ts';
import { RedisLeaseHold } from './redis-lease-hold.ts';
import { ACQUIRE, RELEASE, RENEW } from './scripts.ts';

const WHAT = 'lease';
const CODES: PortCodes = { unavailable: 'MILONGA_LEASE_UNAVAILABLE', timeout: 'MILONGA_LEASE_UNAVAILABLE' };

/**
 * Leases on Redis, by its clock. A failover of the master may lose a lease that was just taken, so two may hold it until the
 * first one's next renewal: fence what matters by the token.
 */
export class RedisLease implements Lease {
  readonly #connection: Connection;
  readonly #settings: RedisSettings;
  readonly #nodes: Nodes;
  readonly #holds = new Set<RedisLeaseHold>();
  #hasAnswered = false;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, settings: RedisSettings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#nodes = nodesOf(connection.client, 'master');
  }

  async acquire(name: string, { ttlMs }: { readonly ttlMs: number }): Promise<LeaseHold | undefined> {
    if (this.#closing !== undefined) throw closed(WHAT);
    if (name === '') throw new MilongaError('MILONGA_KEY_INVALID', 'The name of a lease must not be empty.');
    if (!(Number.isFinite(ttlMs) && ttlMs > 0)) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `\`ttlMs\` of the lease "${name}" must be finite and above 0; found ${ttlMs}.`,
      );
    }
    const holder = randomUUID();
    const term = Math.max(1, Math.ceil(ttlMs));
    const key = this.#key('lease', name);
    const askedAt = performance.now();
    const token = await this.#run(ACQUIRE, [key, this.#key('token', name)], [holder, term]);
    if (token === null) return undefined;
    const hold: RedisLeaseHold = new RedisLeaseHold({
      name,
      token: Number(token),
      ttlMs: term,
      askedAt,
      renew: async () => (await this.#run(RENEW, [key], [holder, term])) === 1,
      release: async () => void (await this.#run(RELEASE, [key], [holder])),
      onEnd: () => this.#holds.delete(hold),
    });
    this.#holds.add(hold);
    if (this.#closing !== undefined) await hold.release();
    return hold;
  }

  /** Releases every held lease. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled([...this.#holds].map((hold) => hold.release())).then(() => {
      this.#nodes.close();
      this.#connection.release();
    });
    return this.#closing;
  }

  #key(kind: string, name: string): string {
    return redisKey(this.#settings.keyPrefix, kind, name);
  }

  /** An `ACQUIRE` whose answer was lost is not sent again: it would find the lease taken, by itself. */
  async #run(script: Script, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const slot = this.#nodes.slotOf(keys[0]!);
    const { writeTimeoutMs, connectTimeoutMs } = this.#settings;
    const timeoutMs = this.#hasAnswered ? writeTimeoutMs : Math.max(writeTimeoutMs, connectTimeoutMs);
    const late = (): MilongaError =>
      new MilongaError(CODES.timeout, `Redis did not answer within ${timeoutMs} ms. Retry.`, {
        cause: this.#connection.lastError(),
        isRetryable: true,
      });
    try {
      const sent = exchange(
        this.#nodes,
        [{ slot, send: (pipeline, isKnown) => script.send(pipeline, isKnown, keys, values) }],
        { mayRepeat: script !== ACQUIRE },
      );
      const [reply] = await within(sent, { timeoutMs, onTimeout: late, what: WHAT, signal: undefined });
      this.#hasAnswered = true;
      return reply!.value;
    } catch (error) {
      throw portError(CODES, WHAT, error, this.#connection.lastError());
    }
  }
}
