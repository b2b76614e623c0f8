import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { KillLedger } from '../test-support/kill-ledger.ts';

const ROUNDS = Number(process.env.MILONGA_KILL_ROUNDS ?? 50);
const SEED = Number(process.env.MILONGA_KILL_SEED ?? Date.now() % 1_000_000);
const WRITER = fileURLToPath(new URL('../test-support/kill-writer.ts', import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'milonga-kill-'));
let waiting: ChildProcessWithoutNullStreams | undefined;
afterAll(() => {
  waiting?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** Seeded: the same moments for the same seed, as far as a process keeps to them. */
function moments(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A writer that has loaded its code and waits for the word. */
function prepare(round: number): ChildProcessWithoutNullStreams {
  waiting = spawn(process.execPath, ['--conditions=@milonga/source', WRITER, dir, String(round)]);
  return waiting;
}

/** Lets a writer run and kills it: in every fifth round at any moment of its start, else some time after it is ready. */
async function runAndKill(
  child: ChildProcessWithoutNullStreams,
  round: number,
  fraction: number,
): Promise<readonly string[]> {
  const lines: string[] = [];
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const kill = (afterMs: number): void => void setTimeout(() => child.kill('SIGKILL'), afterMs);
  const isEarly = round % 5 === 4;
  if (isEarly) kill(fraction * 60);
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (line === 'ready' && !isEarly) kill(fraction * 200);
  });
  child.stdin.on('error', () => {}); // It may be dead before it has read the word.
  child.stdin.write('go\n');
  const signal = await new Promise((resolve) => child.on('close', (_, how) => resolve(how)));
  expect(complaint).toBe('');
  expect(signal).toBe('SIGKILL');
  return lines;
}

test(`a writer that is killed ${ROUNDS} times loses nothing acknowledged and leaves nothing torn (seed ${SEED})`, async () => {
  const next = moments(SEED);
  const ledger = new KillLedger(dir);
  let writer = prepare(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = await runAndKill(writer, round, next());
    if (round + 1 < ROUNDS) writer = prepare(round + 1);
    for (const line of lines) ledger.acknowledge(round, line);
    await ledger.check();
  }
  console.log(`killed ${ROUNDS} times, seed ${SEED}: ${ledger.summary()}`);
  expect(ledger.acknowledged).toBeGreaterThan(ROUNDS * 20);
}, 120_000);
