import type { PubSubMessage } from './message-codec.ts';

const ID = 'milonga-marker';
const GROUP = 'milonga-marker-group';

/** A message that no handler sees: a group that comes to it has handled all that was published before. */
export interface Marker {
  readonly id: string;
  readonly group: string;
}

export const encodeMarker = ({ id, group }: Marker, partition: number): PubSubMessage => ({
  data: Buffer.alloc(0),
  attributes: { [ID]: id, [GROUP]: Buffer.from(group).toString('base64').slice(0, 1_000) },
  orderingKey: String(partition),
});

/** The marker in a message; `undefined` when it is an event. */
export function markerOf({ attributes }: PubSubMessage): Marker | undefined {
  const id = attributes?.[ID];
  if (id === undefined) return undefined;
  return { id, group: Buffer.from(attributes?.[GROUP] ?? '', 'base64').toString() };
}
