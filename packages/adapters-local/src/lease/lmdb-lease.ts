import { randomUUID } from 'node:crypto';
import { type Lease, type LeaseHold, MilongaError } from '@milonga/core';
import { type BytesByName, type Durability, Environment } from '../environment/environment.ts';
import { checkName } from '../environment/keys.ts';
import { closed } from '../environment/storage-errors.ts';
import { isRunning, machineMs, type Term, termFrom } from './machine-time.ts';

const WHAT = 'lease';

interface LeaseRecord extends Term {
  readonly token: number;
  readonly holder: string;
}

/**
 * Leases among the processes of one machine. The record of a lease stays when it is given back, so that its token grows
 * for ever. Time is the machine's monotonic clock, which all processes share.
 */
export class LmdbLease implements Lease {
  readonly #environment: Environment;
  readonly #records: BytesByName;
  readonly #holds = new Set<LmdbLeaseHold>();
  #closing: Promise<void> | undefined;

  private constructor(environment: Environment) {
    this.#environment = environment;
    this.#records = environment.databaseByName('leases');
  }

  static async open(dir: string, durability: Durability): Promise<LmdbLease> {
    return new LmdbLease(await Environment.open(dir, 'log', durability, 'MILONGA_LEASE_UNAVAILABLE'));
  }

  async acquire(name: string, { ttlMs }: { readonly ttlMs: number }): Promise<LeaseHold | undefined> {
    if (this.#closing !== undefined) throw closed(WHAT);
    checkName(name, 'a lease');
    if (!(Number.isFinite(ttlMs) && ttlMs > 0)) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `\`ttlMs\` of the lease "${name}" must be finite and above 0; found ${ttlMs}.`,
      );
    }
    const holder = randomUUID();
    const taken = await this.#environment.write(() => {
      const found = readRecord(this.#records, name);
      if (found !== undefined && isRunning(found)) return undefined;
      const record: LeaseRecord = { token: (found?.token ?? 0) + 1, holder, ...termFrom(ttlMs) };
      this.#environment.put(this.#records, name, encode(record));
      return record;
    });
    if (taken === undefined) return undefined;
    const hold = new LmdbLeaseHold(this.#environment, this.#records, name, taken, () => this.#holds.delete(hold));
    this.#holds.add(hold);
    if (this.#closing !== undefined) await hold.release();
    return hold;
  }

  /** Releases every held lease. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#holds].map((hold) => hold.release()));
      await this.#environment.close();
    })();
    return this.#closing;
  }
}

class LmdbLeaseHold implements LeaseHold {
  readonly token: number;
  readonly #environment: Environment;
  readonly #records: BytesByName;
  readonly #name: string;
  readonly #ended: () => void;
  readonly #controller = new AbortController();
  #record: LeaseRecord;
  #renewal: NodeJS.Timeout;
  #loss: NodeJS.Timeout;
  #releasing: Promise<void> | undefined;

  constructor(environment: Environment, records: BytesByName, name: string, record: LeaseRecord, ended: () => void) {
    this.#environment = environment;
    this.#records = records;
    this.#name = name;
    this.#record = record;
    this.#ended = ended;
    this.token = record.token;
    this.#renewal = setInterval(() => void this.#renew(), Math.max(1, record.ttlMs / 3));
    this.#renewal.unref();
    this.#loss = this.#awaitLoss();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts a little before the end of the term, so that the holder stops before the next can begin. */
  #awaitLoss(): NodeJS.Timeout {
    const left = this.#record.expiresAt - machineMs() - this.#record.ttlMs / 10;
    const timer = setTimeout(() => this.#lose('it could not be renewed in time'), Math.max(0, left));
    timer.unref();
    return timer;
  }

  async #renew(): Promise<void> {
    const next: LeaseRecord = { ...this.#record, ...termFrom(this.#record.ttlMs) };
    try {
      const isHeld = await this.#environment.write(() => {
        const found = readRecord(this.#records, this.#name);
        if (found?.holder !== next.holder || !isRunning(found)) return false;
        this.#environment.put(this.#records, this.#name, encode(next));
        return true;
      });
      if (this.#releasing !== undefined || this.signal.aborted) return;
      if (!isHeld) return this.#lose('somebody else holds it');
      this.#record = next;
      clearTimeout(this.#loss);
      this.#loss = this.#awaitLoss();
    } catch {
      // The next renewal tries again; when none succeeds in time, the lease is lost, and the signal says so.
    }
  }

  #lose(why: string): void {
    this.#stop();
    this.#controller.abort(new MilongaError('MILONGA_ABORTED', `The lease "${this.#name}" was lost: ${why}.`));
    this.#ended();
  }

  #stop(): void {
    clearInterval(this.#renewal);
    clearTimeout(this.#loss);
  }

  release(): Promise<void> {
    this.#releasing ??= this.#giveBack();
    return this.#releasing;
  }

  async #giveBack(): Promise<void> {
    this.#stop();
    this.#ended();
    if (this.signal.aborted || !this.#environment.isOpen) return;
    await this.#environment.write(() => {
      const found = readRecord(this.#records, this.#name);
      if (found?.holder === this.#record.holder)
        this.#environment.put(this.#records, this.#name, encode({ ...found, expiresAt: 0 }));
    });
  }
}

const encode = (record: LeaseRecord): Buffer => Buffer.from(JSON.stringify(record));

function readRecord(records: BytesByName, name: string): LeaseRecord | undefined {
  const stored = records.getBinary(name);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as LeaseRecord);
}
