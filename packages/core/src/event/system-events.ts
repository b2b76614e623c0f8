import { float64, int32, list, nullable, string, timestamp } from '../schema/index.ts';
import { type EventDefinition, event } from './event.ts';

// Events that Milonga itself writes. They travel and land in the lake like any other.

/** What was refused at the border, with its reason: nothing is dropped in silence. */
export const quarantined: EventDefinition = event('quarantined', {
  /** The type that the event claimed, cut to 200 characters. */
  type: string(),
  reason: string(),
  /** The payload as JSON, cut to 64 KiB; all that came in, where there was no payload or the payload was not what is wrong. */
  payload: string(),
  receivedAt: timestamp(),
});

/** A unit met an experiment in a request. */
export const exposure: EventDefinition = event('exposure', {
  unit: string(),
  experiment: string(),
  variant: string(),
  pipeline: string(),
  requestId: string(),
});

/** A slate that was answered. */
export const prediction: EventDefinition = event('prediction', {
  unit: string(),
  requestId: string(),
  pipeline: string(),
  items: list(string()),
  /** Of the items that were scored, which come first; what a fallback source added comes after them. */
  scores: list(float64()),
  /** `model@version` of every model that scored. */
  versions: list(string()),
  degraded: list(string()),
  variant: nullable(string()),
  candidates: int32(),
});
