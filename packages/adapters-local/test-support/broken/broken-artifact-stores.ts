import type { ArtifactInfo, ArtifactStore } from '@milonga/core';
import { later, type Mutation, tick } from './broken.ts';

type Store = ArtifactStore & { close(): void };

async function all(items: AsyncIterable<ArtifactInfo>): Promise<ArtifactInfo[]> {
  const found: ArtifactInfo[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export const brokenArtifactStores: readonly Mutation<Store>[] = [
  {
    name: 'put-if-absent overwrites',
    change: (real) => ({
      putIfAbsent: async (name, bytes, options) => {
        const isFirst = await real.putIfAbsent(name, bytes, options);
        if (isFirst) return true;
        await real.remove(name);
        await real.putIfAbsent(name, bytes, options);
        return false;
      },
    }),
  },
  {
    name: 'put-if-absent has two winners: it looks, then puts',
    change: (real) => ({
      putIfAbsent: async (name, bytes, options) => {
        const isThere = (await real.get(name, options)) !== undefined;
        await tick();
        await real.putIfAbsent(name, bytes, options);
        return !isThere;
      },
    }),
  },
  {
    name: 'torn put: a reader sees half',
    change: (real) => ({
      putIfAbsent: async (name, bytes, options) => {
        const isFirst = await real.putIfAbsent(name, bytes.slice(0, bytes.length / 2), options);
        if (!isFirst) return false;
        await later(2);
        await real.remove(name);
        return real.putIfAbsent(name, bytes, options);
      },
    }),
  },
  {
    name: 'resolved before it is stored',
    change: (real) => ({
      putIfAbsent: async (name, bytes, options) => {
        const isFirst = (await real.get(name, options)) === undefined;
        if (isFirst) void later(3).then(() => real.putIfAbsent(name, bytes).catch(() => {}));
        return isFirst;
      },
    }),
  },
  {
    name: 'the end of a range is inclusive',
    change: (real) => ({
      get: (name, options = {}) =>
        real.get(
          name,
          options.range ? { ...options, range: { ...options.range, end: options.range.end + 1 } } : options,
        ),
    }),
  },
  {
    name: 'lists in the order of a dictionary, not of bytes',
    change: (real) => ({
      async *list(prefix, options) {
        yield* (await all(real.list(prefix, options))).sort((a, b) => a.name.localeCompare(b.name));
      },
    }),
  },
  {
    name: 'a prefix is taken for a folder',
    change: (real) => ({
      list: (prefix, options) => real.list(prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`, options),
    }),
  },
  {
    name: 'pagination: the list ends after 500 names',
    change: (real) => ({
      async *list(prefix, options) {
        yield* (await all(real.list(prefix, options))).slice(0, 500);
      },
    }),
  },
  {
    name: 'remove takes what begins with the name',
    change: (real) => ({
      remove: async (name) => {
        await real.remove(name);
        for (const found of await all(real.list(name))) await real.remove(found.name);
      },
    }),
  },
  { name: 'a removed name stays taken', change: (real) => ({ remove: async (name) => void (await real.get(name)) }) },
  { name: 'ignored abort', change: (real) => ({ putIfAbsent: (name, bytes) => real.putIfAbsent(name, bytes) }) },
  { name: 'works after close', change: () => ({ close: () => {} }) },
];
