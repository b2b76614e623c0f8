import type { ChainableCommander, Redis } from 'ioredis';
import { addressIn, type FailureKind, kindOf, NotReplicated } from './failures.ts';
import type { Nodes } from './nodes.ts';

/** One command of Redis for the node of its slot. */
export interface Command {
  readonly slot: number;
  /** Adds it to a pipeline, and gives what that method gives. `isKnown` is false when the server has told that it does not know the script. */
  send(pipeline: ChainableCommander, isKnown: boolean): unknown;
}

/** What came back, and from which connection: `undefined` when the cluster sent us elsewhere on the way. */
export interface Reply {
  readonly value: unknown;
  readonly from: Redis | undefined;
}

/** What must be true of a write before it counts as done. */
export interface ReplicaWait {
  /** So many replicas of its master have it. */
  readonly count: number;
  readonly timeoutMs: number;
}

/** How commands are sent. */
export interface ExchangeOptions {
  /** Whether a command may happen twice: then what was on a connection that broke is sent again. */
  readonly mayRepeat: boolean;
  /** Absent: the master's word is enough. */
  readonly replicas?: ReplicaWait | undefined;
}

/** Two redirections or breaks, and a script that the last server does not know. */
const ATTEMPTS = 4;

const NONE: readonly Redis[] = [];

interface Pending {
  readonly at: number;
  readonly command: Command;
  /** Connections that failed it. */
  readonly tried: readonly Redis[];
  /** Where the cluster says that it is, for this attempt. */
  readonly address?: string | undefined;
  readonly isAsking?: boolean | undefined;
  readonly isScriptKnown?: boolean | undefined;
}

type Failure = Pending & { readonly error: Error; readonly kind: FailureKind };

/**
 * Sends commands, one pipeline for each node, and resolves to their replies in order. What the cluster redirects is sent
 * again, twice at most; what was on a connection that broke too, if it may happen twice. The first failure that remains rejects.
 */
export async function exchange(
  nodes: Nodes,
  commands: readonly Command[],
  options: ExchangeOptions,
): Promise<readonly Reply[]> {
  if (!nodes.isReady) await nodes.whenReady();
  const replies: Reply[] = new Array(commands.length);
  let pending: readonly Pending[] = commands.map((command, at) => ({ at, command, tried: NONE }));
  for (let attempt = 0; ; attempt += 1) {
    const failures = await sendAll(nodes, pending, replies, options.replicas);
    if (failures.length === 0) return replies;
    const fatal = failures.find((failure) => !isWorthAnother(failure, attempt, options.mayRepeat));
    if (failures.some(({ kind }) => kind !== 'no-script' && kind !== 'ask')) {
      const refreshed = nodes.refresh();
      if (fatal === undefined) await refreshed;
    }
    if (fatal !== undefined) throw fatal.error;
    pending = failures.map(nextAttempt);
  }
}

function isWorthAnother({ kind, error }: Failure, attempt: number, mayRepeat: boolean): boolean {
  if (attempt + 1 === ATTEMPTS) return false;
  if (kind === 'lost') return attempt < 2 && (mayRepeat || error instanceof NoNode);
  if (kind === 'down') return attempt === 0;
  return kind === 'moved' || kind === 'ask' || kind === 'no-script';
}

function nextAttempt(failure: Failure): Pending {
  const { at, command, tried, kind, error, address, isAsking, isScriptKnown } = failure;
  // A server that does not know the script is the right one; it gets it.
  if (kind === 'no-script') return { at, command, tried, address, isAsking, isScriptKnown: false };
  const isRedirected = kind === 'moved' || kind === 'ask';
  return {
    at,
    command,
    isScriptKnown,
    isAsking: kind === 'ask',
    address: isRedirected ? addressIn(error) : undefined,
    tried,
  };
}

/** No connection serves the slot: nothing was sent. */
class NoNode extends Error {}

async function sendAll(
  nodes: Nodes,
  pending: readonly Pending[],
  replies: Reply[],
  replicas: ReplicaWait | undefined,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const byNode = new Map<Redis, Pending[]>();
  for (const one of pending) {
    const redis = (one.address && nodes.at(one.address)) || nodes.find(one.command.slot, one.tried);
    const group = redis && byNode.get(redis);
    if (group !== undefined) group.push(one);
    else if (redis !== undefined) byNode.set(redis, [one]);
    else
      failures.push({ ...one, kind: 'lost', error: new NoNode(`No connected node serves slot ${one.command.slot}`) });
  }
  await Promise.all(Array.from(byNode, ([redis, group]) => sendTo(redis, group, replies, failures, replicas)));
  return failures.length > 1 ? failures.sort((a, b) => a.at - b.at) : failures;
}

async function sendTo(
  redis: Redis,
  group: readonly Pending[],
  replies: Reply[],
  failures: Failure[],
  replicas: ReplicaWait | undefined,
): Promise<void> {
  const isPlain = group.length === 1 && !group[0]!.isAsking && replicas === undefined;
  const results = isPlain ? [await alone(redis, group[0]!)] : await together(redis, group, replicas);
  group.forEach((one, i) => {
    const [error, value] = results[i]!;
    if (error === null) replies[one.at] = { value, from: one.address === undefined ? redis : undefined };
    else failures.push({ ...one, error, kind: kindOf(error), tried: [...one.tried, redis] });
  });
}

type Result = readonly [error: Error | null, value: unknown];

/** A connection has the methods of a pipeline, and answers at once: less work for one command. */
async function alone(redis: Redis, { command, isScriptKnown }: Pending): Promise<Result> {
  try {
    return [null, await command.send(redis as unknown as ChainableCommander, isScriptKnown !== false)];
  } catch (error) {
    return [error as Error, undefined];
  }
}

async function together(
  redis: Redis,
  group: readonly Pending[],
  replicas: ReplicaWait | undefined,
): Promise<readonly Result[]> {
  const pipeline = redis.pipeline();
  for (const { command, isAsking, isScriptKnown } of group) {
    if (isAsking) pipeline.asking();
    command.send(pipeline, isScriptKnown !== false);
  }
  if (replicas !== undefined) pipeline.wait(replicas.count, replicas.timeoutMs);
  const results = (await pipeline.exec()) ?? [];
  if (replicas !== undefined) checkReplicas(results, replicas.count);
  if (!group.some(({ isAsking }) => isAsking)) return replicas === undefined ? results : results.slice(0, group.length);
  let next = 0;
  return group.map(({ isAsking }) => {
    if (isAsking) next += 1;
    return results[next++]!;
  });
}

function checkReplicas(results: readonly Result[], wanted: number): void {
  const [error, found] = results.at(-1) ?? [null, 0];
  const writes = results.slice(0, -1);
  if (writes.every(([failure]) => failure !== null)) return; // nothing was written; each says why
  if (error === null && Number(found) >= wanted) return;
  const had = error === null ? `${found} had it in time` : `the master did not say: ${error.message}`;
  throw new NotReplicated(`A write must be on ${wanted} replica${wanted === 1 ? '' : 's'}; ${had}`);
}
