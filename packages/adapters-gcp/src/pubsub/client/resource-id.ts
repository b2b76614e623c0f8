import { createHash } from 'node:crypto';

const LONGEST = 255;

/** A name as the id of a topic or subscription: itself where it may be one, else what is left of it and a hash. */
export function resourceIdOf(name: string): string {
  if (/^(?!goog)[A-Za-z][-A-Za-z0-9._~+%]{2,254}$/.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `m-${name.replace(/[^-A-Za-z0-9._~+]/g, '_')}`.slice(0, LONGEST - 17).concat('-', hash);
}
