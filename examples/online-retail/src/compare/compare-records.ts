import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FEATURES, LAKE, SLATES } from './run-record.ts';

/** How two files of a record compare. */
export interface Comparison {
  readonly file: string;
  readonly same: number;
  readonly different: number;
  /** Different, and labelled: one of the runs answered with other parts missing, and said so. */
  readonly degraded: number;
  /** Keys that only one of them has. */
  readonly missing: number;
  /** The first differences, in words. */
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 5;

/** Compares what two runs answered and what their features were: texts and whole numbers exactly, others to nine digits. */
export const compareRecords = (left: string, right: string): Promise<readonly Comparison[]> =>
  Promise.all([SLATES, FEATURES, LAKE].map((file) => compareFiles(file, join(left, file), join(right, file))));

async function compareFiles(file: string, left: string, right: string): Promise<Comparison> {
  const expected = new Map<string, Omit<Line, 'key'>>();
  for await (const { key, ...line } of linesOf(left)) expected.set(key, line);
  let same = 0;
  let degraded = 0;
  let missing = 0;
  const examples: string[] = [];
  let different = 0;
  for await (const { key, text, partsMissing } of linesOf(right)) {
    const wanted = expected.get(key);
    expected.delete(key);
    if (wanted === undefined) missing += 1;
    else if (wanted.text === text) same += 1;
    else if (wanted.partsMissing !== partsMissing) degraded += 1;
    else {
      different += 1;
      if (examples.length < MOST_EXAMPLES)
        examples.push(`${key}\n    ${wanted.text.slice(0, 400)}\n    ${text.slice(0, 400)}`);
    }
  }
  return { file, same, different, degraded, missing: missing + expected.size, examples };
}

/** One line of a record. */
interface Line {
  readonly key: string;
  readonly text: string;
  /** What the answer was labelled with; the same text where nothing was missing, or nothing could be. */
  readonly partsMissing: string;
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const { key, ...rest } = JSON.parse(line) as { readonly key: string; readonly degraded?: unknown };
    yield { key, text: JSON.stringify(rest, rounded), partsMissing: JSON.stringify(rest.degraded) };
  }
}

const rounded = (_name: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
