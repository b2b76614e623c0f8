import type { Lack } from './service.ts';

/** What is missing and how to get it, each in a sentence. */
export function describeLacks(lacks: readonly Lack[]): string {
  return lacks.map(({ what, how }) => `${what}. ${how}.`).join(' And ');
}
