import { MilongaError } from '@milonga/core';

const PART = /^[A-Za-z0-9._=-]{1,200}$/;

/** @throws MilongaError `MILONGA_ARTIFACT_NAME_INVALID` unless it is a name as the port's contract has it. */
export function checkArtifactName(name: string): void {
  const isPart = (part: string): boolean => PART.test(part) && part !== '.' && part !== '..';
  if (name.length <= 1_000 && name.split('/').every(isPart)) return;
  const expected = 'a relative path of letters, digits, ".", "_", "=" and "-", of at most 1,000 characters';
  const what = `"${name.slice(0, 100)}" is not a name for an artifact: it must be ${expected} and 200 between slashes.`;
  throw new MilongaError('MILONGA_ARTIFACT_NAME_INVALID', what);
}

/** The folders that a name is in. */
export const foldersOf = (name: string): readonly string[] =>
  name
    .split('/')
    .map((_, i, parts) => parts.slice(0, i).join('/'))
    .slice(1);

/** The error for a name that is the folder of another one, or the other way round. */
export const nameTaken = (name: string): MilongaError =>
  new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name}" cannot name an artifact: it is the folder of another one, or another one is its folder.`,
  );
