import type { CandidateTable } from '../table/candidate-table.ts';

/** Candidates of one path, and those of them that are in the slate. */
export interface Part {
  readonly table: CandidateTable;
  /** Rows of the frame, best first. */
  readonly rows: Int32Array;
  /** The stage that ended the path before its selection. */
  readonly endedBy: string | undefined;
}

/** What a run came to. Nothing in it changes any more. */
export interface Result {
  /** What was ranked, or came from the cache; then what the fallback sources added. */
  readonly parts: readonly Part[];
  readonly origin: 'ranked' | 'cache' | 'fallback';
}
