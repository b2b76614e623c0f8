import { randomUUID } from 'node:crypto';
import type { Attempts } from './attempts.ts';
import { crc32cOf } from './checksum.ts';
import type { FolderRule } from './folder-rule.ts';
import type { ObjectState, Objects } from './objects.ts';
import { DamagedTransfer, statusOf, TryAgain } from './storage-failures.ts';
import { type Upload, UploadSession, uploadResumable, uploadWhole } from './upload.ts';

/**
 * Puts an object unless there is one: true for one of all that race. The precondition "generation 0", which is none,
 * decides it on the server. When an answer was lost, the mark in the object tells whether it was ours.
 */
export async function putObject(
  objects: Objects,
  folders: FolderRule,
  { name, bytes, attempts }: { readonly name: string; readonly bytes: Uint8Array; readonly attempts: Attempts },
): Promise<boolean> {
  await folders.refuseTaken(name, attempts);
  const isLarge = bytes.length > objects.connection.options.partBytes;
  if (isLarge && (await objects.state(name, attempts)) !== undefined) return false;
  const upload: Upload = { name, bytes, crc32c: await crc32cOf(objects.bucket, bytes), put: randomUUID() };
  const generation = await uploadUnlessThere(objects, upload, attempts);
  if (generation === undefined) return false;
  await folders.withdrawIfTaken(name, generation, attempts);
  return true;
}

/** The generation that was made, or `undefined` when there was an object of that name. */
function uploadUnlessThere(objects: Objects, upload: Upload, attempts: Attempts): Promise<string | undefined> {
  const session = new UploadSession(objects.connection.options.requestTimeoutMs, () => attempts.progress());
  const isLarge = upload.bytes.length > objects.connection.options.partBytes;
  const send = isLarge ? uploadResumable : uploadWhole;
  return objects.request(attempts, async (attempt, signal) => {
    try {
      const earlier = attempt > 1 && isLarge ? await ownVersion(objects, upload) : undefined;
      return await checked(objects, upload, earlier ?? (await send(objects, upload, session, signal)));
    } catch (error) {
      const status = statusOf(error);
      if (status === 412 && attempt === 1) return undefined;
      if (status === 412) return ownVersion(objects, upload).then((own) => own && checked(objects, upload, own));
      throw await readyToRetry(objects, session, error);
    }
  });
}

/** The version that is there when an earlier try, whose answer was lost, has made it. */
async function ownVersion(objects: Objects, { name, put }: Upload): Promise<ObjectState | undefined> {
  try {
    const state = await objects.stateNow(name);
    return state.put === put ? state : undefined;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** The generation of what was made; what is not what was sent is taken back. */
async function checked(objects: Objects, { name, bytes, crc32c }: Upload, made: ObjectState): Promise<string> {
  if (made.bytes === bytes.length && (made.crc32c ?? crc32c) === crc32c) return made.generation;
  await objects.file(name).delete({ ifGenerationMatch: made.generation });
  throw new DamagedTransfer(
    `${bytes.length} bytes with the checksum ${crc32c} were sent, and ${made.bytes} with ${made.crc32c} arrived.`,
  );
}

/** Clears what keeps the next try from succeeding, and gives the error that says what this one came to. */
async function readyToRetry(objects: Objects, session: UploadSession, error: unknown): Promise<unknown> {
  const status = statusOf(error);
  const isRefusal = status === 400 && /crc32c/i.test(String((error as Error).message));
  if (error instanceof DamagedTransfer || isRefusal) {
    session.uri = undefined; // what it has is damaged
    return isRefusal ? new DamagedTransfer('other bytes arrived than were sent.', { cause: error }) : error;
  }
  if (status !== 404 && status !== 410) return error;
  session.uri = undefined; // it has ended; or the bucket is missing
  await objects.ensureBucket();
  return new TryAgain('the upload was not taken, as its session or the bucket was missing.', { cause: error });
}
