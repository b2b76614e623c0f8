import { randomUUID } from 'node:crypto';
import type { BytesByName, Environment } from '../environment/environment.ts';
import { isRunning, type Term, termFrom } from '../lease/machine-time.ts';
import { isGone, type ProcessIdentity, thisProcess } from '../lease/process-identity.ts';
import type { EventLog } from './event-log.ts';
import type { Topic } from './topics.ts';

interface Member extends Term {
  readonly process: ProcessIdentity;
}

/** What a member should do after a look at its group. */
export interface Share {
  /** Partitions that are this member's. */
  readonly mine: readonly number[];
  /** Those of `mine` that others wait for: finish the batch at hand, then release. */
  readonly surplus: readonly number[];
}

/** How long a silent member of another machine or namespace is waited for; a dead one of ours is noticed at once. */
const MEMBER_TTL_MS = 5_000;

/**
 * One member of a consumer group. Members share the partitions of a topic evenly; who owns what is kept in the log's own
 * store, changed in its transactions, and checked in the transaction of every commit.
 *
 * Methods whose names end in `Now` must be called inside a write transaction.
 */
export class GroupMember {
  readonly name: string;
  readonly #id: string = randomUUID();
  readonly #environment: Environment;
  readonly #log: EventLog;
  readonly #topic: Topic;
  readonly #from: 'earliest' | 'latest';
  readonly #records: BytesByName;

  constructor(environment: Environment, log: EventLog, topic: Topic, group: string, from: 'earliest' | 'latest') {
    this.#environment = environment;
    this.#log = log;
    this.#topic = topic;
    this.#from = from;
    this.#records = environment.databaseByName('groups');
    this.name = groupKey(topic, group);
  }

  /** Renews the membership, then takes or offers partitions so that every member comes to an even share. */
  balance(): Promise<Share> {
    return this.#environment.write(() => {
      const member: Member = { ...termFrom(MEMBER_TTL_MS), process: thisProcess };
      this.#environment.put(this.#records, `${this.name}/member/${this.#id}`, encode(member));
      const members = this.#membersNow();
      const { partitions } = this.#topic;
      const rank = members.indexOf(this.#id);
      const share = Math.floor(partitions / members.length) + (rank < partitions % members.length ? 1 : 0);
      const mine: number[] = [];
      const free: number[] = [];
      for (let partition = 0; partition < partitions; partition += 1) {
        const owner = this.#ownerNow(partition);
        if (owner === this.#id) mine.push(partition);
        else if (owner === undefined || !members.includes(owner)) free.push(partition);
      }
      for (const partition of free.slice(0, Math.max(0, share - mine.length))) {
        this.#takeNow(partition);
        mine.push(partition);
      }
      return { mine, surplus: mine.slice(share) };
    });
  }

  /** Living members in order; records of dead ones are removed. */
  #membersNow(): readonly string[] {
    const prefix = `${this.name}/member/`;
    const living: string[] = [];
    const dead: string[] = [];
    for (const { key, value } of this.#records.getRange({ start: prefix, end: `${prefix}~` })) {
      const member = JSON.parse(value.toString()) as Member;
      if (isRunning(member) && !isGone(member.process)) living.push(key.slice(prefix.length));
      else dead.push(key);
    }
    for (const key of dead) this.#environment.remove(this.#records, key);
    return living;
  }

  #ownerNow(partition: number): string | undefined {
    return this.#records.getBinary(`${this.name}/owner/${partition}`)?.toString();
  }

  #takeNow(partition: number): void {
    this.#environment.put(this.#records, `${this.name}/owner/${partition}`, Buffer.from(this.#id));
    if (this.#from === 'latest' && this.#positionNow(partition) === undefined) {
      this.#putPositionNow(partition, this.#log.endOffset(this.#topic, partition));
    }
  }

  /** Offset of the next event for the group. */
  position(partition: number): number {
    return this.#environment.read(() => this.#positionNow(partition) ?? this.#log.firstOffset(this.#topic, partition));
  }

  #positionNow(partition: number): number | undefined {
    return storedPosition(this.#records, this.name, partition);
  }

  #putPositionNow(partition: number, offset: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(offset);
    this.#environment.put(this.#records, `${this.name}/position/${partition}`, bytes);
  }

  /** Moves the position; false, and nothing changed, when the partition belongs to somebody else by now. */
  commitNow(partition: number, offset: number): boolean {
    if (this.#ownerNow(partition) !== this.#id) return false;
    this.#putPositionNow(partition, offset);
    return true;
  }

  release(partition: number): Promise<void> {
    return this.#environment.write(() => this.#releaseNow(partition));
  }

  #releaseNow(partition: number): void {
    if (this.#ownerNow(partition) === this.#id)
      this.#environment.remove(this.#records, `${this.name}/owner/${partition}`);
  }

  /** Gives everything back and leaves. */
  leave(): Promise<void> {
    return this.#environment.write(() => {
      for (let partition = 0; partition < this.#topic.partitions; partition += 1) this.#releaseNow(partition);
      this.#environment.remove(this.#records, `${this.name}/member/${this.#id}`);
    });
  }
}

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Prefix of a group's records. */
export const groupKey = (topic: Topic, group: string): string => `${topic.id}/${encodeURIComponent(group)}`;

/** The committed position of a group; `undefined` when it never committed. */
export function storedPosition(records: BytesByName, group: string, partition: number): number | undefined {
  const stored = records.getBinaryFast(`${group}/position/${partition}`);
  return stored === undefined ? undefined : Buffer.prototype.readDoubleLE.call(stored, 0);
}
