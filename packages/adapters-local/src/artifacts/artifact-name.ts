import { MilongaError } from '@milonga/core';

const PART = /^[A-Za-z0-9._=-]+$/;
/** What file systems take. */
const MOST_PART_CHARACTERS = 200;
const MOST_CHARACTERS = 1_000;

/** @throws MilongaError `MILONGA_ARTIFACT_NAME_INVALID` unless it is a relative path of plain names that leads nowhere else. */
export function checkArtifactName(name: string): void {
  const isValid = name.length <= MOST_CHARACTERS && name.split('/').every(isArtifactPart);
  if (isValid) return;
  throw new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name.slice(0, 100)}" is not a name for an artifact: it must be a relative path of letters, digits, ".", "_", "=" and "-", of at most ${MOST_CHARACTERS} characters and ${MOST_PART_CHARACTERS} between slashes, without empty parts or "..".`,
  );
}

/** True for what may stand between the slashes of a name. */
export const isArtifactPart = (part: string): boolean =>
  PART.test(part) && part !== '.' && part !== '..' && part.length <= MOST_PART_CHARACTERS;

/** The error for a name below another artifact, or above one. */
export const nameTaken = (name: string): MilongaError =>
  new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name}" cannot name an artifact: it is the folder of another one, or another one is its folder.`,
  );
