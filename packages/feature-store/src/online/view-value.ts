import { MilongaError } from '@milonga/core';
import type { ByteReader } from '../bytes/byte-reader.ts';

/*
 * The value of a view in an online row: a function of time.
 *
 *   1 (version) | number of layers u8 | layers
 *
 * A layer is what a reader sees from a moment on: the first from the beginning, each other from the moment just after events
 * whose time had not passed when the value was written. Of several layers each begins with `from u48 | length varint`.
 * Their body: `event time of the newest event u48`, 0 for none and then nothing follows; then the features in order, each in
 * its form.
 */

/** First byte of a value. */
export const VALUE_VERSION = 1;
/** More moments than a row can have partitions are never written. */
export const MOST_LAYERS = 255;

/**
 * Moves a reader to the body of the layer that holds at `at`.
 *
 * @throws MilongaError `MILONGA_STORAGE_CORRUPT` for bytes of another version.
 */
export function seekLayer(from: ByteReader, at: number): void {
  const version = from.byte();
  if (version !== VALUE_VERSION) {
    throw new MilongaError(
      'MILONGA_STORAGE_CORRUPT',
      `A stored feature value has version ${version}; this release reads ${VALUE_VERSION}. Materialise the entity again.`,
    );
  }
  const layers = from.byte();
  if (layers === 1) return;
  let body = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    const validFrom = from.uint48();
    const length = from.varint();
    if (validFrom <= at) body = from.at;
    from.skip(length);
  }
  from.at = body;
}
