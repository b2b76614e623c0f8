import { randomUUID } from 'node:crypto';
import type { Attempts } from './attempts.ts';
import { crc32cOf } from './checksum.ts';
import type { FolderRule } from './folder-rule.ts';
import type { Objects } from './objects.ts';
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
      const earlier = attempt > 1 && isLarge ? await ownGeneration(objects, upload) : undefined;
      if (earlier !== undefined) return earlier;
      const made = await send(objects, upload, session, signal);
      if (made.crc32c === undefined || made.crc32c === upload.crc32c) return made.generation;
      await objects.file(upload.name).delete({ ifGenerationMatch: made.generation });
      throw new DamagedTransfer(`the checksum of what was sent is ${upload.crc32c}, of what arrived ${made.crc32c}.`);
    } catch (error) {
      const status = statusOf(error);
      if (status === 412) return attempt === 1 ? undefined : ownGeneration(objects, upload);
      if (status === 400 && /crc32c/i.test(String((error as Error).message)))
        throw new DamagedTransfer('what arrived has another checksum than what was sent.', { cause: error });
      if (status !== 404 && status !== 410) throw error;
      session.uri = undefined; // it has ended; or the bucket is missing
      await objects.ensureBucket();
      throw new TryAgain('the upload was not taken, as its session or the bucket was missing.', { cause: error });
    }
  });
}

/** The generation that is there when an earlier try, whose answer was lost, has made it. */
async function ownGeneration(objects: Objects, { name, put }: Upload): Promise<string | undefined> {
  try {
    const state = await objects.stateNow(name);
    return state.put === put ? state.generation : undefined;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
