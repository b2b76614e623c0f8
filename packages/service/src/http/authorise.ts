import { createHash, timingSafeEqual } from 'node:crypto';
import { MilongaError } from '@milonga/core';

/** Decides whether a request may pass. */
export type Authorise = (headers: Readonly<Record<string, string | undefined>>) => boolean | Promise<boolean>;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Lets requests with `Authorization: Bearer <token>` pass. Compares digests in constant time, so neither the token nor its
 * length can be guessed from how long a refusal takes.
 *
 * @param tokens Any of them opens; several let a token be replaced without a gap.
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` without a token, or for an empty one: it would let everybody in.
 * @example `startRecommender(recommender, { http: { authorise: bearerToken(process.env.API_TOKEN!) } })`
 */
export function bearerToken(...tokens: readonly string[]): Authorise {
  if (tokens.length === 0 || tokens.some((token) => token.trim() === '')) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      'bearerToken needs tokens that are not empty; found none, or an empty one. Is an environment variable unset?',
    );
  }
  const known = tokens.map(digest);
  return ({ authorization = '' }) => {
    const given = digest(/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '');
    let matches = 0;
    for (const token of known) matches += timingSafeEqual(token, given) ? 1 : 0;
    return matches > 0;
  };
}
