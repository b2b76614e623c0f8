import { createHash } from 'node:crypto';
import { describeType } from './describe-type.ts';
import type { Fields } from './value-type.ts';

const known = new WeakMap<Fields, string>();

/**
 * A stable name of fields: 16 hexadecimal digits, the first 64 bits of the SHA-256 of names and types in order.
 *
 * Store it beside data, to know later whether the reader means the same fields as the writer did. The order counts,
 * because rows and columns are positional.
 *
 * @example
 * ```ts
 * fingerprint({ a: int32() }) === fingerprint({ a: int32() }); // true
 * fingerprint({ a: int32() }) === fingerprint({ a: nullable(int32()) }); // false
 * ```
 */
export function fingerprint(fields: Fields): string {
  let text = known.get(fields);
  if (text === undefined) {
    const canonical = JSON.stringify(Object.entries(fields).map(([name, type]) => [name, describeType(type)]));
    text = createHash('sha256').update(canonical).digest('hex').slice(0, 16);
    known.set(fields, text);
  }
  return text;
}
