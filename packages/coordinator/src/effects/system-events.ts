import { Collector, exposure, type IncomingEvent, MilongaError, type Ports } from '@milonga/core';

/** Hands events to the border. @throws MilongaError when one of them was refused: the definition of the event and its writer disagree. */
export async function collectAll(ports: Ports, events: readonly IncomingEvent[]): Promise<void> {
  const outcomes = await ports.get(Collector).collect(events);
  const refused = outcomes.find((outcome) => outcome.status === 'quarantined');
  if (refused?.status === 'quarantined') {
    throw new MilongaError(
      'MILONGA_SCHEMA_INVALID',
      `Event "${events[0]!.type}" with id "${refused.id}" was quarantined: ${refused.reason}`,
    );
  }
}

/** Whom an exposure is about. */
export interface Exposed {
  readonly requestId: string;
  readonly pipeline: string;
  readonly unit: string;
  readonly answeredAt: number;
  readonly experiments: Readonly<Record<string, string>>;
}

/** One event per experiment that the request met; a retry of the same request counts once. */
export const exposureEvents = ({
  requestId,
  pipeline,
  unit,
  answeredAt,
  experiments,
}: Exposed): readonly IncomingEvent[] =>
  Object.entries(experiments).map(([experiment, variant]) => ({
    type: exposure.name,
    id: `${requestId}/${experiment}`,
    eventAt: answeredAt,
    payload: { unit, experiment, variant, pipeline, requestId },
  }));
