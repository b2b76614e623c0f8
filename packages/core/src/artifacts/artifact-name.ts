import { MilongaError } from '../errors/milonga-error.ts';

const PART = /^[A-Za-z0-9._=-]+$/;
/** What file systems take. */
const MOST_PART_CHARACTERS = 200;
const MOST_CHARACTERS = 1_000;

/**
 * True for what may stand between the slashes of an artifact's name: names never lead to another folder.
 *
 * @example `isArtifactNamePart('v1.2')`
 */
export const isArtifactNamePart = (part: string): boolean =>
  PART.test(part) && part !== '.' && part !== '..' && part.length <= MOST_PART_CHARACTERS;

/**
 * True for what the contract of `ArtifactStore` allows as a name. A store may hold other objects, which are no artifacts.
 *
 * @example `isArtifactName('models/taste/v1/weights.arrow')`
 */
export const isArtifactName = (name: string): boolean =>
  name.length <= MOST_CHARACTERS && name.split('/').every(isArtifactNamePart);

/**
 * For adapters of `ArtifactStore`: every call begins with it.
 *
 * @throws MilongaError `MILONGA_ARTIFACT_NAME_INVALID` unless it is a relative path of plain names that leads nowhere else.
 * @example `checkArtifactName('models/taste/v1/weights.arrow')`
 */
export function checkArtifactName(name: string): void {
  if (isArtifactName(name)) return;
  throw new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name.slice(0, 100)}" is not a name for an artifact: it must be a relative path of letters, digits, ".", "_", "=" and "-", of at most ${MOST_CHARACTERS} characters and ${MOST_PART_CHARACTERS} between slashes, without empty parts or "..".`,
  );
}

/**
 * The folders that a name lies in, outermost first: none of them may be an artifact.
 *
 * @example `artifactFoldersOf('a/b/c') // ['a', 'a/b']`
 */
export function artifactFoldersOf(name: string): readonly string[] {
  const folders: string[] = [];
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1))
    folders.push(name.slice(0, slash));
  return folders;
}

/**
 * The error for a name below another artifact, or above one; `other` where it is known.
 *
 * @example `throw artifactNameTaken('a/b', 'a');`
 */
export const artifactNameTaken = (name: string, other?: string): MilongaError =>
  new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    other === undefined
      ? `"${name}" cannot name an artifact: it is the folder of another one, or another one is its folder.`
      : `"${name}" cannot name an artifact: one of the two is the folder of the other, and "${other}" exists.`,
  );
