import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { CompiledFeature } from '../view/compiled-view.ts';

/** Partial aggregates of some features, in their order. */
export type States = unknown[];

/** The states of no events. */
export const identities = (features: readonly CompiledFeature[]): States =>
  features.map(({ aggregate }) => aggregate.identity());

/** Takes one event into every state. */
export function absorbEvent(
  features: readonly CompiledFeature[],
  states: States,
  payload: Readonly<Record<string, unknown>>,
  eventAt: number,
): void {
  for (let at = 0; at < features.length; at += 1) {
    const { aggregate } = features[at]!;
    const value = aggregate.field === undefined ? undefined : payload[aggregate.field];
    if (value !== null) states[at] = aggregate.absorb(states[at], value, eventAt);
  }
}

/** Takes other states into the first ones. */
export function mergeStates(features: readonly CompiledFeature[], states: States, others: States): void {
  for (let at = 0; at < features.length; at += 1) states[at] = features[at]!.aggregate.merge(states[at], others[at]);
}

/** The packed states, one behind the other. */
export function writeStates(features: readonly CompiledFeature[], states: States, to: ByteWriter): void {
  for (let at = 0; at < features.length; at += 1) features[at]!.aggregate.write(states[at], to);
}

/** Reads what {@link writeStates} wrote. */
export function readStates(features: readonly CompiledFeature[], from: ByteReader): States {
  const states: States = new Array(features.length);
  for (let at = 0; at < features.length; at += 1) states[at] = features[at]!.aggregate.read(from);
  return states;
}
