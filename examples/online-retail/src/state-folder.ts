import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './arguments.ts';

const MARKER = 'demo.json';

/** What an earlier run left behind. */
interface Marker {
  readonly state: 'running' | 'complete';
  readonly eventsUntil: string;
}

/**
 * Prepares the folder for a run from the beginning. A replay cannot go on in the middle: its clock and its evaluation live
 * in memory only; so an interrupted run starts again, and says so.
 *
 * @returns what was found there, in words.
 * @throws UsageError when the folder holds something that is not a demo's.
 */
export function openStateFolder(dir: string): string {
  const marker = join(dir, MARKER);
  let found = '';
  if (existsSync(marker)) {
    found = describe(readMarker(marker));
    rmSync(dir, { recursive: true, force: true });
  } else if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new UsageError(`--dir ${dir} holds files that are not a demo's; name an empty folder.`);
  }
  mkdirSync(dir, { recursive: true });
  mark(dir, 'running', 'the start');
  return found;
}

/** Leaves word of how far a run came. */
export function mark(dir: string, state: Marker['state'], eventsUntil: string): void {
  writeFileSync(join(dir, MARKER), JSON.stringify({ state, eventsUntil } satisfies Marker));
}

function readMarker(path: string): Marker | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Marker;
  } catch {
    return undefined; // killed while writing it
  }
}

function describe(marker: Marker | undefined): string {
  if (marker?.state === 'complete') return 'An earlier run is complete; starting anew.';
  return `An earlier run was interrupted${marker === undefined ? '' : ` at ${marker.eventsUntil}`}; starting again from the beginning.`;
}
