import type { ArtifactStore } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyArtifactStore } from '../chaos/faulty-artifact-store.ts';
import { artifactStoreHistory } from './artifact-store-history.ts';
import { testLists } from './artifact-store-lists.ts';
import { testNames } from './artifact-store-names.ts';
import { testObjects } from './artifact-store-objects.ts';
import { type ArtifactStoreSubject, listed } from './artifact-store-subject.ts';
import { abortedSignal, bytes, expectCode, fresh, text } from './expectations.ts';
import { type ChaosOptions, testUnderFaults, throughFaults } from './fault-run.ts';

/** What {@link testArtifactStore} needs to know of a store. */
export interface ArtifactStoreConformance {
  /** A store. It may hold other artifacts; the suite uses folders of its own. */
  readonly create: () => ArtifactStore | Promise<ArtifactStore>;
  /** Another client of the same artifacts, as a second process has it. Default: the first one again. */
  readonly another?: () => ArtifactStore | Promise<ArtifactStore>;
  readonly close: (store: ArtifactStore) => void | Promise<void>;
  /** Runs the checks through a fault layer, and a history under faults besides. Default: no faults. */
  readonly chaos?: ChaosOptions;
}

/**
 * Checks every sentence of the `ArtifactStore` contract; that a crash leaves nothing torn needs a process to kill.
 *
 * @example
 * ```ts
 * testArtifactStore('memory', { create: () => new MemoryArtifactStore(), close: (store) => store.close() });
 * ```
 */
export function testArtifactStore(name: string, given: ArtifactStoreConformance): void {
  const options = throughFaults<ArtifactStore, ArtifactStoreConformance>(given, faultyArtifactStore);
  describe(`${name} conforms to ArtifactStore`, () => {
    let one: ArtifactStore;
    let other: ArtifactStore;
    beforeAll(async () => {
      one = await options.create();
      other = (await options.another?.()) ?? one;
    });
    afterAll(async () => {
      if (other !== one) await options.close(other);
      await options.close(one);
    });
    const subject: ArtifactStoreSubject = { one: () => one, other: () => other };
    describe('names', () => testNames(subject));
    describe('putIfAbsent and get', () => testObjects(subject));
    describe('list', () => testLists(subject));
    describe('remove', () => testRemoval(subject));
    describe('calls', () => testCalls(subject, options));
    testUnderFaults(options.chaos, 'one put wins at most, and what is there stays', async (run) => {
      const real = await given.create();
      await artifactStoreHistory(real, run);
      await given.close(real);
    });
  });
}

function testRemoval({ one, other }: ArtifactStoreSubject): void {
  test('a removed object is gone, and its name is free', async () => {
    const name = `${fresh('removed')}/a/b`;
    await one().putIfAbsent(name, bytes('1'));
    await other().remove(name);
    expect(await one().get(name)).toBeUndefined();
    expect(await listed(one(), name)).toEqual([]);
    expect(await one().putIfAbsent(name, bytes('2'))).toBe(true);
    expect(text(await other().get(name))).toBe('2');
  });

  test('removing what is absent does nothing; neighbours stay', async () => {
    const folder = fresh('neighbours');
    for (const name of ['a/1', 'a/2', 'b']) await one().putIfAbsent(`${folder}/${name}`, bytes(name));
    for (const name of ['a', 'a/1', 'a/1', 'a/3', 'c/d/e']) await one().remove(`${folder}/${name}`);
    expect((await listed(one(), `${folder}/`)).map(({ name }) => name)).toEqual([`${folder}/a/2`, `${folder}/b`]);
  });

  test('puts and removals of one folder that race lose nothing', async () => {
    const folder = fresh('busy');
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const name = `${folder}/deep/er/${i}`;
        expect(await (i % 2 === 0 ? one() : other()).putIfAbsent(name, bytes(String(i)))).toBe(true);
        if (i % 4 < 2) await one().remove(name);
      }),
    );
    expect((await listed(one(), `${folder}/`)).length).toBe(20);
  });
}

function testCalls({ one }: ArtifactStoreSubject, options: ArtifactStoreConformance): void {
  test('cancelling rejects with MILONGA_ABORTED, and nothing happens', async () => {
    const name = fresh('cancelled');
    const signal = abortedSignal();
    await expectCode(one().putIfAbsent(name, bytes('1'), { signal }), 'MILONGA_ABORTED');
    await expectCode(one().get(name, { signal }), 'MILONGA_ABORTED');
    await expectCode(first(one().list(name, { signal })), 'MILONGA_ABORTED');
    expect(await one().get(name)).toBeUndefined();
  });

  test('a list that is cancelled ends with MILONGA_ABORTED', async () => {
    const folder = fresh('cancelled-list');
    for (const name of ['a', 'b', 'c']) await one().putIfAbsent(`${folder}/${name}`, bytes('1'));
    const controller = new AbortController();
    const reader = one().list(`${folder}/`, { signal: controller.signal })[Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    await expectCode(reader.next(), 'MILONGA_ABORTED');
  });

  test('after close every call rejects with MILONGA_CLOSED', async () => {
    const closing = await (options.another ?? options.create)();
    const name = fresh('closed');
    await options.close(closing);
    await expectCode(closing.putIfAbsent(name, bytes('1')), 'MILONGA_CLOSED');
    await expectCode(closing.get(name), 'MILONGA_CLOSED');
    await expectCode(first(closing.list(name)), 'MILONGA_CLOSED');
    await expectCode(closing.remove(name), 'MILONGA_CLOSED');
  });
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
