import type { AssignerProtocol, PartitionAssigner } from 'kafkajs';

const NAME = 'RoundRobinAssigner';
const VERSION = 0;

/** What kafkajs takes for a rebalance in progress, and answers by asking again a little later. */
class NotYet extends Error {
  readonly type: string = 'REBALANCE_IN_PROGRESS';
}

/**
 * kafkajs's round-robin assigner, under its name so that members of both kinds may share a group, with a gate: a member
 * joins the next generation only when `mayJoin` says that nothing of the last one is running. kafkajs itself does not wait
 * for handlers that run beside its fetch loop; but it asks the assigner for its protocol before each request to join.
 */
export const gatedAssigner =
  (protocol: typeof AssignerProtocol, mayJoin: () => boolean): PartitionAssigner =>
  ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => {
      if (!mayJoin()) throw new NotYet('Handlers of the last generation are still running.');
      const metadata = protocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) });
      return { name: NAME, metadata };
    },
    assign: async ({ members, topics }) => {
      const names = members.map(({ memberId }) => memberId).sort();
      const assignments = new Map<string, Record<string, number[]>>(names.map((name) => [name, {}]));
      const partitions = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partitionId })),
      );
      partitions.forEach(({ topic, partitionId }, at) => {
        const mine = assignments.get(names[at % names.length]!)!;
        mine[topic] = [...(mine[topic] ?? []), partitionId];
      });
      return Array.from(assignments, ([memberId, assignment]) => ({
        memberId,
        memberAssignment: protocol.MemberAssignment.encode({
          version: VERSION,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
