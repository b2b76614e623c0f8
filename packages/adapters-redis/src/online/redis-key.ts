import { MilongaError } from '@milonga/core';

/**
 * The key in Redis of something of ours. What lies under one key of the port lies in one slot, whatever it is: the CRC16 of
 * the key, or of its hash tag (the text in its first braces) where it has one.
 */
export function redisKey(prefix: string, kind: string, key: string): string {
  if (key === '') throw new MilongaError('MILONGA_KEY_INVALID', `A key of the online store must not be empty.`);
  const open = key.indexOf('{');
  if (open >= 0) {
    const close = key.indexOf('}', open + 1);
    if (close > open + 1) return `${prefix}${kind}:${key}`;
  }
  if (!key.includes('}')) return `${prefix}{${key}}${kind}`;
  // A closing brace would end the tag early, or make it empty, which hashes the prefix and the kind too.
  return `${prefix}{${key.replaceAll('}', ')')}}${kind}:${key}`;
}
