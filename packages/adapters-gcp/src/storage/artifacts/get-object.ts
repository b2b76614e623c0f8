import type { IncomingMessage } from 'node:http';
import type { File } from '@google-cloud/storage';
import { inParallel } from '../../grpc/in-parallel.ts';
import type { Attempts } from './attempts.ts';
import { crc32cOf } from './checksum.ts';
import type { Objects } from './objects.ts';
import { DamagedTransfer, statusOf, TryAgain } from './storage-failures.ts';

/** Parts of one object that are read side by side. */
const PARTS_AT_ONCE = 4;
/** The SDK listens to a response eleven times, and Node.js warns of more than ten. */
const MOST_LISTENERS = 20;

/** From `start` to before `end`, clipped to the object by what reads it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What an answer with bytes says of the whole object. */
interface Part {
  readonly bytes: Uint8Array;
  readonly total: number;
  readonly generation: string;
  readonly crc32c: string | undefined;
}

/**
 * The bytes of an object or of a range of it, all of one version; `undefined` when there is none. The first request
 * brings a part and says how much there is; the rest is read in parts of that version, side by side.
 */
export function getObject(
  objects: Objects,
  name: string,
  range: ByteRange | undefined,
  attempts: Attempts,
): Promise<Uint8Array | undefined> {
  const start = Math.max(0, range?.start ?? 0);
  const end = range?.end ?? Number.POSITIVE_INFINITY;
  return attempts.run(() => getOnce(objects, name, { start, end }, attempts));
}

async function getOnce(
  objects: Objects,
  name: string,
  { start, end }: ByteRange,
  attempts: Attempts,
): Promise<Uint8Array | undefined> {
  if (end <= start) return (await objects.state(name, attempts)) && new Uint8Array();
  const { partBytes } = objects.connection.options;
  const first = await objects.unlessAbsent(attempts, () =>
    readPart(objects.file(name), { start, end: Math.min(end, start + partBytes) }),
  );
  if (first === undefined) return undefined;
  const until = Math.min(end, first.total);
  const isAll = start === 0 && until === first.total;
  const bytes = await readRest(objects, name, first, { start, end: Math.max(start, until) }, attempts);
  if (isAll && first.crc32c !== undefined) {
    const found = await crc32cOf(objects.bucket, bytes);
    if (found !== first.crc32c)
      throw new DamagedTransfer(`its checksum is ${first.crc32c}, and what came has ${found}.`);
  }
  return bytes;
}

/** All bytes of a range, whose first part is there. */
async function readRest(
  objects: Objects,
  name: string,
  first: Part,
  { start, end }: ByteRange,
  attempts: Attempts,
): Promise<Uint8Array> {
  const size = end - start;
  if (first.bytes.length === size) return first.bytes;
  const { partBytes } = objects.connection.options;
  const bytes = new Uint8Array(size);
  bytes.set(first.bytes);
  const count = Math.ceil((size - first.bytes.length) / partBytes);
  const starts = Array.from({ length: count }, (_, at) => start + first.bytes.length + at * partBytes);
  const file = objects.file(name, first.generation);
  await inParallel(starts, PARTS_AT_ONCE, async (from) => {
    const part = await objects.unlessAbsent(attempts, () =>
      readPart(file, { start: from, end: Math.min(end, from + partBytes) }),
    );
    if (part === undefined || part.generation !== first.generation)
      throw new TryAgain('it was removed while it was read.');
    bytes.set(part.bytes, from - start);
    attempts.progress();
  });
  return bytes;
}

/**
 * One request. It is always read to its end: ending the SDK's stream early destroys the connections of every other
 * request of the process.
 */
async function readPart(file: File, { start, end }: ByteRange): Promise<Part> {
  try {
    return await receive(file, { start, end });
  } catch (error) {
    if (statusOf(error) !== 416) throw error;
    const [metadata] = await file.getMetadata(); // there is no byte from `start` on
    const total = Number(metadata.size);
    if (total > start) throw new TryAgain('it was replaced while it was read.', { cause: error });
    return { bytes: new Uint8Array(), total, generation: String(metadata.generation), crc32c: undefined };
  }
}

function receive(file: File, { start, end }: ByteRange): Promise<Part> {
  return new Promise((resolve, reject) => {
    let about: Omit<Part, 'bytes'> | undefined;
    const pieces: Buffer[] = [];
    const stream = file.createReadStream({ start, end: end - 1 });
    stream.on('response', (response: IncomingMessage) => {
      response.setMaxListeners(MOST_LISTENERS);
      const { statusCode, headers } = response;
      if (statusCode === 200 || statusCode === 206) about = aboutWhole(headers);
    });
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('error', reject);
    stream.on('end', () => {
      const bytes = joined(pieces);
      const expected = about && Math.max(0, Math.min(end, about.total) - start);
      if (about !== undefined && bytes.length === expected) resolve({ ...about, bytes });
      else reject(new TryAgain(`${expected ?? 'some'} bytes were expected, and ${bytes.length} came.`));
    });
  });
}

function joined(pieces: readonly Buffer[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function aboutWhole(headers: IncomingMessage['headers']): Omit<Part, 'bytes'> {
  const hashes = String(headers['x-goog-hash'] ?? '');
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['x-goog-stored-content-length'];
  return {
    total: Number(total),
    generation: String(headers['x-goog-generation']),
    crc32c: /crc32c=([A-Za-z0-9+/=]+)/.exec(hashes)?.[1],
  };
}
