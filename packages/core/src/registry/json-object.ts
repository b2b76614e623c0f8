import { MilongaError } from '../errors/milonga-error.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';

/** What a stored object must be. Extra members are allowed: a later release may have written them. */
export type ObjectCheck<T> = (
  value: Readonly<Record<string, unknown>>,
) => value is Readonly<Record<string, unknown>> & T;

/** Bytes of a value as JSON. */
export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/**
 * Reads a JSON object from an artifact store; `undefined` when there is none.
 *
 * @param what For the error: what should be there, such as `a manifest of format 1`.
 * @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when it is something else.
 */
export async function readJsonObject<T>(
  artifacts: ArtifactStore,
  name: string,
  what: string,
  isWhat: ObjectCheck<T>,
): Promise<T | undefined> {
  const bytes = await artifacts.get(name);
  if (bytes === undefined) return undefined;
  const value = parse(bytes, name, what);
  if (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    isWhat(value as Record<string, unknown>)
  ) {
    return value as T;
  }
  throw corrupt(name, `expected ${what}, found ${JSON.stringify(value).slice(0, 100)}`);
}

function parse(bytes: Uint8Array, name: string, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(name, `expected ${what}, found ${bytes.length} bytes that are not JSON`, cause);
  }
}

const corrupt = (name: string, found: string, cause?: unknown): MilongaError =>
  new MilongaError(
    'MILONGA_ARTIFACT_CORRUPT',
    `"${name}" in the artifact store is damaged: ${found}. Put it back from a backup.`,
    { cause },
  );
