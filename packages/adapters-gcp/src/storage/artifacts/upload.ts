import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileMetadata } from '@google-cloud/storage';
import { viewOf } from './checksum.ts';
import { type ObjectState, type Objects, PUT_KEY, stateOf } from './objects.ts';

/** Pieces that a large object is handed over in, as views of the caller's array. */
const PIECE_BYTES = 256 * 1024;
/** Cloud Storage's word for "there is none". */
const NONE = 0;

/** What is to be stored. */
export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Cloud Storage refuses bytes with another checksum. */
  readonly crc32c: string;
  /** The mark of this put. */
  readonly put: string;
}

/** A resumable upload over its tries. */
export class UploadSession {
  /** Where Cloud Storage takes the rest; `undefined` before it is begun. */
  uri: string | undefined;
  readonly idleMs: number;
  readonly progress: () => void;

  constructor(idleMs: number, progress: () => void) {
    this.idleMs = idleMs;
    this.progress = progress;
  }
}

type Send = (objects: Objects, upload: Upload, session: UploadSession, signal: AbortSignal) => Promise<ObjectState>;

/** By one request, unless there is an object of the name. */
export const uploadWhole: Send = async (objects, upload) => {
  const file = objects.file(upload.name);
  await file.save(viewOf(upload.bytes), { ...settingsOf(upload), resumable: false });
  return stateOf(file.metadata);
};

/** In parts, going on where an earlier try has ended, unless there is an object of the name at the end. */
export const uploadResumable: Send = async (objects, upload, session, signal) => {
  const file = objects.file(upload.name);
  const { metadata, ...settings } = settingsOf(upload);
  const target = file.createWriteStream({
    ...settings,
    resumable: true,
    chunkSize: objects.connection.options.partBytes,
    metadata: { ...metadata, contentLength: upload.bytes.length },
    ...(session.uri !== undefined && { uri: session.uri }),
  });
  const stop = (): void => void target.destroy(idleError(session.idleMs));
  let timer = setTimeout(stop, session.idleMs);
  target.on('uri', (uri: string) => {
    session.uri = uri;
  });
  target.on('progress', () => {
    clearTimeout(timer);
    timer = setTimeout(stop, session.idleMs);
    session.progress();
  });
  try {
    await pipeline(Readable.from(piecesOf(upload.bytes), { objectMode: false }), target, { signal });
  } finally {
    clearTimeout(timer);
  }
  return stateOf(file.metadata);
};

interface UploadSettings {
  readonly preconditionOpts: { readonly ifGenerationMatch: number };
  /** The SDK would delete an object that is damaged, whatever is there by then; we compare, and delete what we made. */
  readonly validation: false;
  readonly metadata: FileMetadata;
}

const settingsOf = ({ crc32c, put }: Upload): UploadSettings => ({
  preconditionOpts: { ifGenerationMatch: NONE },
  validation: false,
  metadata: { contentType: 'application/octet-stream', crc32c, metadata: { [PUT_KEY]: put } },
});

function* piecesOf(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield viewOf(bytes, at, at + PIECE_BYTES);
}

const idleError = (idleMs: number): Error =>
  Object.assign(new Error(`The upload has not got on for ${idleMs} ms.`), { code: 'ETIMEDOUT' });
