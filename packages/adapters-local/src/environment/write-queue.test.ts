import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bytes, type Durability, Environment } from './environment.ts';
import { type QueueOrder, WriteQueue } from './write-queue.ts';

describe.each(['process-crash', 'power-loss'] satisfies readonly Durability[])('%s', (durability) => {
  let dir: string;
  let environment: Environment;
  let database: Bytes;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'milonga-queue-'));
    environment = await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
    database = environment.database('values');
  });
  afterEach(async () => {
    await environment.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const put = (key: string): void => environment.put(database, Buffer.from(key), Buffer.from('x'));
  const has = (key: string): boolean => database.getBinary(Buffer.from(key)) !== undefined;
  /** Work of so many slices. */
  const slices = (count: number, name: string, seen: string[]) => {
    let left = count;
    return (isTimeUp: () => boolean): boolean => {
      while (!isTimeUp());
      seen.push(name);
      put(`${name}${left}`);
      left -= 1;
      return left === 0;
    };
  };

  test.each([
    ['first-come', ['a', 'a', 'a', 'b', 'b', 'b']],
    ['take-turns', ['a', 'b', 'a', 'b', 'a', 'b']],
  ] satisfies readonly [QueueOrder, string[]][])('long jobs are done %s', async (order, expected) => {
    const queue = new WriteQueue(environment, order);
    const seen: string[] = [];
    await queue.run('warm', () => true); // The next two wait for the next turn together.
    await Promise.all([queue.run('a', slices(3, 'a', seen)), queue.run('b', slices(3, 'b', seen))]);
    expect(seen).toEqual(expected);
    expect(['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].every(has)).toBe(true);
  });

  test('the event loop runs between slices', async () => {
    const queue = new WriteQueue(environment, 'first-come');
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 100) setImmediate(count);
    };
    setImmediate(count);
    await queue.run('a', slices(5, 'a', []));
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  test('a transaction that fails rejects its jobs, stores nothing of them, and the queue goes on', async () => {
    const queue = new WriteQueue(environment, 'first-come');
    await queue.run('warm', () => true);
    const jobs = [
      queue.run('good', () => {
        put('good');
        return true;
      }),
      queue.run('bad', () => {
        put('bad');
        throw new Error('in the job');
      }),
    ];
    const results = await Promise.allSettled(jobs);
    expect(results[1]).toMatchObject({ status: 'rejected', reason: { message: 'in the job' } });
    expect(has('bad')).toBe(false);
    expect(has('good')).toBe(results[0]!.status === 'fulfilled');
    await queue.run('next', () => {
      put('next');
      return true;
    });
    expect(has('next')).toBe(true);
  });

  test('a job that was cancelled while it waited is not begun', async () => {
    const queue = new WriteQueue(environment, 'first-come');
    const controller = new AbortController();
    const first = queue.run('first', slices(2, 'first', []));
    let isBegun = false;
    const second = queue.run(
      'second',
      () => {
        isBegun = true;
        return true;
      },
      controller.signal,
    );
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    await first;
    expect(isBegun).toBe(false);
  });

  test('drained waits for what is in the queue', async () => {
    const queue = new WriteQueue(environment, 'take-turns');
    await queue.drained();
    const seen: string[] = [];
    void queue.run('a', slices(3, 'a', seen));
    await queue.drained();
    expect(seen.length).toBe(3);
  });
});
