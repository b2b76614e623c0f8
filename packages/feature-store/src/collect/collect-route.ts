import type { CollectOutcome, Collector, IncomingEvent, Route, RouteRequest } from '@milonga/core';

/** Most events of one request. */
export const MOST_EVENTS = 1_000;

interface EventsBody {
  readonly events: readonly IncomingEvent[];
}

const bodyJsonSchema = {
  type: 'object',
  required: ['events'],
  properties: {
    events: {
      type: 'array',
      minItems: 1,
      maxItems: MOST_EVENTS,
      items: {
        type: 'object',
        required: ['type', 'payload'],
        properties: {
          type: { type: 'string', description: 'Name of an event of the recommender' },
          id: { type: 'string', description: 'Unique per type; a repeated id is the same event. Default: a UUID' },
          eventAt: { type: 'integer', description: 'When it happened, Unix ms. Default: now' },
          payload: { type: 'object', description: 'The fields of the event' },
        },
      },
    },
  },
} as const;

const outcomeSchema = {
  type: 'object',
  required: ['accepted', 'quarantined', 'outcomes'],
  properties: {
    accepted: { type: 'integer' },
    quarantined: { type: 'integer' },
    outcomes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['status', 'id'],
        properties: {
          status: { type: 'string', enum: ['accepted', 'quarantined'] },
          id: { type: 'string' },
          reason: { type: 'string' },
        },
      },
    },
  },
} as const;

/**
 * `POST /v1/events`: up to 1,000 events, one outcome each. A bad event does not fail the request: it is in the quarantine, and
 * its outcome says why. A body that is no list of events is refused as a whole.
 */
export const collectRoute = (collector: Collector): Route => ({
  method: 'POST',
  path: '/v1/events',
  summary: 'Hand in events',
  body: { '~standard': { version: 1, vendor: 'milonga', validate: checkBody } },
  bodyJsonSchema,
  responses: {
    200: {
      description: 'One outcome per event, in order: durable in the log, or durable in the quarantine',
      schema: outcomeSchema,
    },
    400: { description: 'The body is not a list of 1 to 1,000 events' },
  },
  handle: async ({ body, signal }: RouteRequest) => {
    const outcomes = await collector.collect((body as EventsBody).events, { signal });
    return { body: { ...countOf(outcomes), outcomes } };
  },
});

function checkBody(
  body: unknown,
): { value: EventsBody } | { issues: readonly { message: string; path: readonly string[] }[] } {
  const events =
    typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as { events?: unknown }).events
      : undefined;
  if (!Array.isArray(events)) return { issues: [{ path: ['events'], message: 'expected an array of events' }] };
  if (events.length === 0 || events.length > MOST_EVENTS) {
    return { issues: [{ path: ['events'], message: `expected 1 to ${MOST_EVENTS} events, found ${events.length}` }] };
  }
  return { value: { events: events as IncomingEvent[] } };
}

function countOf(outcomes: readonly CollectOutcome[]): { accepted: number; quarantined: number } {
  const accepted = outcomes.filter(({ status }) => status === 'accepted').length;
  return { accepted, quarantined: outcomes.length - accepted };
}
