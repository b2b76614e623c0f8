import { MilongaError } from '@milonga/core';

const PART = /^[A-Za-z0-9._=-]+$/;
const MOST_PART_CHARACTERS = 200;
const MOST_CHARACTERS = 1_000;

const isPart = (part: string): boolean =>
  PART.test(part) && part !== '.' && part !== '..' && part.length <= MOST_PART_CHARACTERS;

/** True for what the port allows as a name; a bucket may hold other objects, which are no artifacts. */
export const isArtifactName = (name: string): boolean =>
  name.length <= MOST_CHARACTERS && name.split('/').every(isPart);

/** @throws MilongaError `MILONGA_ARTIFACT_NAME_INVALID` unless it is a relative path of plain names. */
export function checkArtifactName(name: string): void {
  if (isArtifactName(name)) return;
  throw new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name.slice(0, 100)}" is not a name for an artifact: it must be a relative path of letters, digits, ".", "_", "=" and "-", of at most ${MOST_CHARACTERS} characters and ${MOST_PART_CHARACTERS} between slashes, without empty parts or "..".`,
  );
}

/** The names of the folders that a name lies in, `a` and `a/b` for `a/b/c`: none of them may be an artifact. */
export function foldersOf(name: string): readonly string[] {
  const folders: string[] = [];
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1))
    folders.push(name.slice(0, slash));
  return folders;
}

/** The error for a name below another artifact, or above one. */
export const nameTaken = (name: string, other: string): MilongaError =>
  new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name}" cannot name an artifact: one of the two is the folder of the other, and "${other}" exists.`,
  );
