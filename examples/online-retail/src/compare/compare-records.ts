import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FEATURES, LAKE, SLATES } from './run-record.ts';

/** How two files of a record compare. */
export interface Comparison {
  readonly file: string;
  readonly same: number;
  readonly different: number;
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
  const expected = new Map<string, string>();
  for await (const { key, text } of linesOf(left)) expected.set(key, text);
  let same = 0;
  let missing = 0;
  const examples: string[] = [];
  let different = 0;
  for await (const { key, text } of linesOf(right)) {
    const wanted = expected.get(key);
    expected.delete(key);
    if (wanted === undefined) missing += 1;
    else if (wanted === text) same += 1;
    else {
      different += 1;
      if (examples.length < MOST_EXAMPLES)
        examples.push(`${key}\n    ${wanted.slice(0, 400)}\n    ${text.slice(0, 400)}`);
    }
  }
  return { file, same, different, missing: missing + expected.size, examples };
}

async function* linesOf(path: string): AsyncGenerator<{ readonly key: string; readonly text: string }> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const { key, ...rest } = JSON.parse(line) as { readonly key: string };
    yield { key, text: JSON.stringify(rest, rounded) };
  }
}

const rounded = (_name: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
