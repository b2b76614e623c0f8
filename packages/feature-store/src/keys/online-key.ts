import type { KeyParts } from './entity-key.ts';

const SPECIAL = /[%/]/g;
const escapePart = (part: string): string =>
  part.includes('/') || part.includes('%') ? part.replace(SPECIAL, (found) => (found === '%' ? '%25' : '%2F')) : part;

/**
 * The key of an entity in the online store: its name and the parts of its key with slashes between, readable, such as
 * `customer-item/17850/85123A`. All views of the entity share the row.
 */
export function onlineKey(entity: string, parts: KeyParts): string {
  let key = entity;
  for (let at = 0; at < parts.length; at += 1) key += `/${escapePart(parts[at]!)}`;
  return key;
}
