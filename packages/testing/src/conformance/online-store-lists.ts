import { expect, test } from 'vitest';
import { bytes, fresh, text } from './expectations.ts';
import { append, forever, list, type OnlineSubject } from './online-store-subject.ts';

/** Bounded lists: order, limits, trimming. */
export function testLists(it: OnlineSubject): void {
  test('newest last; a limit gives the newest, oldest of them first', async () => {
    const key = fresh('list');
    await append(it, key, ['1', '2'], 10);
    await append(it, key, ['3'], 10);
    expect(await list(it, key)).toEqual(['1', '2', '3']);
    expect(await list(it, key, 2)).toEqual(['2', '3']);
    expect(await list(it, key, 1)).toEqual(['3']);
  });

  test('a list keeps its newest values, also when one append brings more than it may hold', async () => {
    const key = fresh('list');
    await append(it, key, ['1', '2', '3', '4'], 3);
    expect(await list(it, key)).toEqual(['2', '3', '4']);
    await append(it, key, ['5'], 3);
    expect(await list(it, key)).toEqual(['3', '4', '5']);
    await append(it, key, ['6', '7', '8', '9'], 2);
    expect(await list(it, key)).toEqual(['8', '9']);
  });

  test('the same list twice in a batch applies in order', async () => {
    const key = fresh('list');
    const entry = (value: string) => ({ key, values: [bytes(value)], maxLength: 5, timeToLive: forever });
    await it.store().appendLists([entry('1'), entry('2'), entry('3')]);
    expect(await list(it, key)).toEqual(['1', '2', '3']);
  });

  test('one entry per key, in order, empty where absent', async () => {
    const [a, absent] = [fresh('a'), fresh('absent')];
    await append(it, a, ['1'], 5);
    const lists = await it.store().readLists([absent, a, a], { limit: 5 });
    expect(lists.map((values) => values.map(text))).toEqual([[], ['1'], ['1']]);
    expect(await it.store().readLists([], { limit: 5 })).toEqual([]);
  });

  test('an append of nothing changes no value', async () => {
    const key = fresh('list');
    await append(it, key, ['1'], 5);
    await append(it, key, [], 5);
    expect(await list(it, key)).toEqual(['1']);
  });

  test('values may be any bytes', async () => {
    const key = fresh('list');
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    await it.store().appendLists([{ key, values: [new Uint8Array(), all], maxLength: 5, timeToLive: forever }]);
    const [values] = await it.store().readLists([key], { limit: 5 });
    expect(values?.map((value) => [...value])).toEqual([[], [...all]]);
  });

  test('appends at the same time lose nothing', async () => {
    const key = fresh('list');
    const names = Array.from({ length: 60 }, (_, i) => String(i));
    await Promise.all(names.map((value) => append(it, key, [value], 100)));
    expect(((await list(it, key)) as string[]).sort()).toEqual([...names].sort());
  });
}
