import type { ChainableCommander, Redis } from 'ioredis';
import { addressIn, type FailureKind, kindOf } from './failures.ts';
import type { Nodes } from './nodes.ts';

/** One command of Redis for the node of its slot. */
export interface Command {
  readonly slot: number;
  /** Adds it to a pipeline. `isKnown` is false when the server has told that it does not know the script. */
  send(pipeline: ChainableCommander, isKnown: boolean): void;
}

/** What came back, and from which connection: `undefined` when the cluster sent us elsewhere on the way. */
export interface Reply {
  readonly value: unknown;
  readonly from: Redis | undefined;
}

const ATTEMPTS = 3;
const AGAIN_PAUSE_MS = 20;

interface Pending {
  readonly at: number;
  readonly command: Command;
  /** Where the cluster says that it is, for this attempt. */
  readonly address?: string | undefined;
  readonly isAsking?: boolean;
  readonly isScriptKnown?: boolean;
}

type Failure = Pending & { readonly error: Error; readonly kind: FailureKind };

/**
 * Sends commands, one pipeline for each node, and resolves to their replies in order. What the cluster redirects is sent
 * again, twice at most; what was on a connection that broke too, if it may happen twice. The first failure that remains rejects.
 */
export async function exchange(
  nodes: Nodes,
  commands: readonly Command[],
  options: { readonly mayRepeat: boolean },
): Promise<readonly Reply[]> {
  if (!nodes.isReady) await nodes.whenReady();
  const replies: Reply[] = new Array(commands.length);
  let pending: readonly Pending[] = commands.map((command, at) => ({ at, command }));
  for (let attempt = 0; ; attempt += 1) {
    const failures = await sendAll(nodes, pending, replies, attempt);
    if (failures.length === 0) return replies;
    const fatal = failures.find((failure) => attempt + 1 === ATTEMPTS || !isWorthAnother(failure, options.mayRepeat));
    if (failures.some(({ kind }) => kind !== 'no-script' && kind !== 'ask')) {
      const refreshed = nodes.refresh();
      if (fatal === undefined) await refreshed;
    }
    if (fatal !== undefined) throw fatal.error;
    if (failures.some(({ kind }) => kind === 'again')) await new Promise((go) => setTimeout(go, AGAIN_PAUSE_MS));
    pending = failures.map(nextAttempt);
  }
}

function isWorthAnother({ kind, error }: Failure, mayRepeat: boolean): boolean {
  if (kind === 'lost') return mayRepeat || error instanceof NoNode;
  return kind === 'moved' || kind === 'ask' || kind === 'again' || kind === 'no-script';
}

const nextAttempt = ({ at, command, kind, error, isScriptKnown }: Failure): Pending => ({
  at,
  command,
  address: kind === 'moved' || kind === 'ask' ? addressIn(error) : undefined,
  isAsking: kind === 'ask',
  isScriptKnown: isScriptKnown !== false && kind !== 'no-script',
});

/** No connection serves the slot: nothing was sent. */
class NoNode extends Error {}

async function sendAll(
  nodes: Nodes,
  pending: readonly Pending[],
  replies: Reply[],
  attempt: number,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const byNode = new Map<Redis, Pending[]>();
  for (const one of pending) {
    const redis = (one.address && nodes.at(one.address)) || nodes.find(one.command.slot, attempt);
    const group = redis && byNode.get(redis);
    if (group !== undefined) group.push(one);
    else if (redis !== undefined) byNode.set(redis, [one]);
    else
      failures.push({ ...one, kind: 'lost', error: new NoNode(`No connected node serves slot ${one.command.slot}`) });
  }
  await Promise.all(Array.from(byNode, ([redis, group]) => sendTo(redis, group, replies, failures)));
  return failures.length > 1 ? failures.sort((a, b) => a.at - b.at) : failures;
}

async function sendTo(redis: Redis, group: readonly Pending[], replies: Reply[], failures: Failure[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { command, isAsking, isScriptKnown } of group) {
    if (isAsking) pipeline.asking();
    command.send(pipeline, isScriptKnown !== false);
  }
  const results = (await pipeline.exec()) ?? [];
  let next = 0;
  for (const one of group) {
    if (one.isAsking) next += 1;
    const [error, value] = results[next++]!;
    if (error === null) replies[one.at] = { value, from: one.address === undefined ? redis : undefined };
    else failures.push({ ...one, error, kind: kindOf(error) });
  }
}
