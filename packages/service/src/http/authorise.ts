import { createHash, timingSafeEqual } from 'node:crypto';

/** Decides whether a request may pass. */
export type Authorise = (headers: Readonly<Record<string, string | undefined>>) => boolean | Promise<boolean>;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Lets requests with `Authorization: Bearer <token>` pass. Compares digests in constant time, so neither the token nor its
 * length can be guessed from how long a refusal takes.
 *
 * @example `startRecommender(recommender, { http: { authorise: bearerToken(process.env.API_TOKEN!) } })`
 */
export function bearerToken(...tokens: readonly string[]): Authorise {
  const known = tokens.map(digest);
  return (headers) => {
    const given = digest(headers.authorization?.replace(/^Bearer /i, '') ?? '');
    let matches = 0;
    for (const token of known) matches += timingSafeEqual(token, given) ? 1 : 0;
    return matches > 0;
  };
}
