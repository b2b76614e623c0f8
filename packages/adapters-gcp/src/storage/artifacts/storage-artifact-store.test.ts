import { Storage } from '@google-cloud/storage';
import type { MilongaError } from '@milonga/core';
import { afterEach, describe, expect, test } from 'vitest';
import { requireService } from '../../../../../services/test-services.ts';
import { type HurtConnection, hurtConnection } from '../../../test-support/hurt-connection.ts';
import type { StorageAdapterOptions } from '../storage-options.ts';
import { StorageArtifactStore } from './storage-artifact-store.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('gcs');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);
const QUARTER_MIB = 262_144;
let buckets = 0;
const newBucket = (): string => {
  buckets += 1;
  return `own-${process.pid}-${Date.now().toString(36)}-${buckets}`;
};
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    ({ code, isRetryable }: MilongaError) => (isRetryable ? `${code}, retryable` : code),
  );
const namesOf = async (store: StorageArtifactStore, prefix = ''): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { name } of store.list(prefix)) names.push(name);
  return names;
};
/** Bytes of which no part is like another. */
const large = (length: number): Uint8Array => {
  const value = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) value[i] = (i * 31 + (i >>> 11)) & 0xff;
  return value;
};

describe.skipIf(address === undefined)('StorageArtifactStore', () => {
  const ways: HurtConnection[] = [];
  afterEach(() => {
    for (const way of ways.splice(0)) way.close();
  });
  const clientOptions = { projectId: 'test', apiEndpoint: address?.endpoint ?? '' };
  const open = (options: Partial<StorageAdapterOptions> = {}): Promise<StorageArtifactStore> =>
    StorageArtifactStore.open({ bucket: newBucket(), clientOptions, ...options });
  const openThrough = async (options: Partial<StorageAdapterOptions> = {}) => {
    const way = await hurtConnection(address!.endpoint);
    ways.push(way);
    const at = { ...clientOptions, apiEndpoint: way.endpoint };
    const limits = { retryTimeoutMs: 5_000, requestTimeoutMs: 500 };
    return { way, store: await open({ ...limits, clientOptions: at, ...options }) };
  };

  describe('when answers are lost', () => {
    test('a put whose answer was lost is known as ours, and the next one is not', async () => {
      const { way, store } = await openThrough();
      await store.putIfAbsent('first', bytes('1'));
      let lost = 0;
      way.toClient = (data) => {
        if (lost > 0 || !data.includes('"milonga-put"')) return data;
        lost += 1;
        return undefined;
      };
      expect(await store.putIfAbsent('lost', bytes('mine'))).toBe(true);
      expect(lost).toBe(1);
      expect(await store.putIfAbsent('lost', bytes('other'))).toBe(false);
      expect(text(await store.get('lost'))).toBe('mine');
    });

    test('a large upload that was cut is whole in the end', async () => {
      const size = 8 * QUARTER_MIB + 12_345;
      const { way, store } = await openThrough({ partBytes: QUARTER_MIB });
      await store.get('absent'); // makes the bucket
      let cuts = 0;
      way.toService = (data) => {
        if (cuts > 0 || way.sent() < size * 0.7) return data;
        cuts += 1;
        return undefined;
      };
      const value = large(size);
      expect(await store.putIfAbsent('large', value)).toBe(true);
      expect(cuts).toBe(1);
      expect(way.sent()).toBeLessThan(size * 2.2); // the stand-in takes the question how far it got for the end
      expect(Buffer.compare((await store.get('large'))!, value)).toBe(0);
    });

    test('a large read asks again only for the parts that were cut', async () => {
      const size = 16 * QUARTER_MIB;
      const { way, store } = await openThrough({ partBytes: QUARTER_MIB });
      const value = large(size);
      await store.putIfAbsent('large', value);
      let received = 0;
      let cuts = 0;
      way.toClient = (data) => {
        received += data.length;
        if (cuts > 0 || received < size / 2) return data;
        cuts += 1;
        return undefined;
      };
      expect(Buffer.compare((await store.get('large'))!, value)).toBe(0);
      expect(cuts).toBe(1);
      expect(received).toBeLessThan(size * 1.5);
    });

    test('a removal whose answer was lost is done', async () => {
      const { way, store } = await openThrough();
      await store.putIfAbsent('a', bytes('1'));
      let deletes = 0;
      let lost = 0;
      way.toService = (data) => {
        if (data.includes('DELETE ')) deletes += 1;
        return data;
      };
      way.toClient = (data) => {
        if (deletes !== 1 || lost > 0) return data;
        lost += 1;
        return undefined;
      };
      await store.remove('a');
      expect([deletes, lost]).toEqual([2, 1]);
      expect(await store.get('a')).toBeUndefined();
    });

    test('a service that takes calls and never answers costs the deadline, not more', async () => {
      const { way, store } = await openThrough({ retryTimeoutMs: 700 });
      await store.putIfAbsent('a', bytes('1'));
      way.toClient = () => Buffer.alloc(0);
      const startedAt = performance.now();
      const calls = [store.get('a'), store.putIfAbsent('b', bytes('2')), store.remove('a'), namesOf(store)];
      const codes = await Promise.all(calls.map(codeOf));
      expect(new Set(codes)).toEqual(new Set(['MILONGA_ARTIFACT_STORE_UNAVAILABLE, retryable']));
      expect(performance.now() - startedAt).toBeLessThan(1_500);
    });

    test('a call that is cancelled while the service is silent rejects at once', async () => {
      const { way, store } = await openThrough();
      await store.putIfAbsent('a', bytes('1'));
      way.toClient = () => Buffer.alloc(0);
      const startedAt = performance.now();
      const signal = AbortSignal.timeout(100);
      const calls = [store.get('a', { signal }), store.putIfAbsent('b', bytes('2'), { signal })];
      expect(await Promise.all(calls.map(codeOf))).toEqual(['MILONGA_ABORTED', 'MILONGA_ABORTED']);
      expect(performance.now() - startedAt).toBeLessThan(400);
    });
  });

  describe('when bytes are damaged on the way', () => {
    /** Bytes of a text turned into others, the first so many times that it passes. */
    const damaging = (needle: string, times: number) => {
      let left = times;
      return (data: Buffer): Buffer => {
        const at = data.indexOf(needle);
        if (at < 0 || left === 0) return data;
        left -= 1;
        const changed = Buffer.from(data);
        changed[at] = changed[at]! ^ 1;
        return changed;
      };
    };

    test.each([
      ['once, it is read again', 1, 'resolved'],
      ['always, it is corrupt', Number.POSITIVE_INFINITY, 'MILONGA_STORAGE_CORRUPT'],
    ])('%s', async (_, times, expected) => {
      const { way, store } = await openThrough();
      await store.putIfAbsent('a', bytes('a needle in hay'));
      way.toClient = damaging('needle', times);
      const found = store.get('a');
      expect(await codeOf(found)).toBe(expected);
      if (expected === 'resolved') expect(text(await found)).toBe('a needle in hay');
    });

    test.each([
      ['once, it is sent again', 1, 'resolved'],
      ['always, nothing is put', Number.POSITIVE_INFINITY, 'MILONGA_STORAGE_CORRUPT'],
    ])('on the way up %s', async (_, times, expected) => {
      const { way, store } = await openThrough();
      await store.get('absent'); // makes the bucket
      way.toService = damaging('needle', times);
      expect(await codeOf(store.putIfAbsent('a', bytes('a needle in hay')))).toBe(expected);
      expect(text(await store.get('a'))).toBe(expected === 'resolved' ? 'a needle in hay' : undefined);
    });
  });

  describe('the bucket', () => {
    test('is made when it is missed first', async () => {
      const store = await open();
      expect(await store.get('a')).toBeUndefined();
      expect(await store.putIfAbsent('a', bytes('1'))).toBe(true);
      const other = await open();
      expect(await Promise.all(['a', 'b'].map((name) => other.putIfAbsent(name, bytes(name))))).toEqual([true, true]);
    });

    test('is an error for every call when it is missing and others make it', async () => {
      const store = await open({ createBucket: false });
      const calls = [store.get('a'), store.putIfAbsent('a', bytes('1')), store.remove('a'), namesOf(store)];
      const codes = await Promise.all(calls.map(codeOf));
      expect(new Set(codes)).toEqual(new Set(['MILONGA_ARTIFACT_STORE_UNAVAILABLE']));
    });

    test('is shared by prefix, and other objects in it are no artifacts', async () => {
      const bucket = newBucket();
      const [one, other, whole] = [
        await open({ bucket, prefix: 'one/' }),
        await open({ bucket, prefix: 'other/' }),
        await open({ bucket }),
      ];
      await one.putIfAbsent('a', bytes('1'));
      expect(await other.get('a')).toBeUndefined();
      expect(await other.putIfAbsent('a', bytes('2'))).toBe(true);
      await new Storage(clientOptions).bucket(bucket).file('one/not ours').save('x');
      expect([await namesOf(one), await namesOf(other)]).toEqual([['a'], ['a']]);
      expect(await namesOf(whole)).toEqual(['one/a', 'other/a']);
      expect(text(await whole.get('one/a'))).toBe('1');
    });

    test('lists more than a page', async () => {
      const bucket = newBucket();
      const store = await open({ bucket });
      await store.get('absent'); // makes the bucket
      const raw = new Storage(clientOptions).bucket(bucket);
      const names = Array.from({ length: 1_050 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
      for (let at = 0; at < names.length; at += 50)
        await Promise.all(names.slice(at, at + 50).map((name) => raw.file(name).save('x', { resumable: false })));
      expect(await namesOf(store, 'many/')).toEqual(names);
    });
  });

  test('a name that is taken as a folder, or lies below an artifact, is refused before anything is uploaded', async () => {
    const { way, store } = await openThrough();
    await store.putIfAbsent('a/b', bytes('1'));
    let uploads = 0;
    way.toService = (data) => {
      if (data.includes('POST /upload')) uploads += 1;
      return data;
    };
    for (const name of ['a', 'a/b/c', 'a/b/c/d'])
      expect(await codeOf(store.putIfAbsent(name, bytes('2')))).toBe('MILONGA_ARTIFACT_NAME_INVALID');
    expect(uploads).toBe(0);
    await store.putIfAbsent('a/c', bytes('3'));
    expect(uploads).toBe(1);
  });

  test('of two that race for a name and a name below it, not both are there', async () => {
    const bucket = newBucket();
    const [one, other] = [await open({ bucket }), await open({ bucket })];
    for (let round = 0; round < 25; round += 1) {
      const names = [`${round}/a`, `${round}/a/b`] as const;
      const codes = await Promise.all([
        codeOf(one.putIfAbsent(names[0], bytes('1'))),
        codeOf(other.putIfAbsent(names[1], bytes('2'))),
      ]);
      const there = await namesOf(one, `${round}/`);
      expect(there).toEqual(names.filter((_, i) => codes[i] === 'resolved'));
      expect(there.length).toBeLessThan(2);
    }
  });

  describe('the client of the caller', () => {
    test('is used as it is, asked for once, and stays as it was', async () => {
      const client = new Storage({ ...clientOptions, retryOptions: { maxRetries: 7 } });
      const seen: string[] = [];
      client.interceptors.push({
        request: (request) => {
          const options = request as ReturnType<Storage['interceptors'][number]['request']>;
          const { method = 'GET', qs } = options;
          seen.push(`${method} ${qs?.ifGenerationMatch ?? ''}`.trim());
          return options;
        },
      });
      const before = { ...client.retryOptions };
      let asked = 0;
      const store = await open({
        client: () => {
          asked += 1;
          return client;
        },
      });
      await store.putIfAbsent('a', bytes('1'));
      seen.length = 0;
      await store.putIfAbsent('b', bytes('1'));
      expect(seen.filter((request) => request.startsWith('POST'))).toEqual(['POST 0']);
      await store.remove('b');
      const generation = /^DELETE \d{10,}$/; // the stand-in ignores it; the real service does not
      expect(seen.filter((request) => request.startsWith('DELETE'))).toEqual([expect.stringMatching(generation)]);
      store.close();
      expect([asked, client.retryOptions, client.timeout]).toEqual([1, before, undefined]);
      await client.createBucket(newBucket());
    });
  });

  test.each([
    ['bucket', { bucket: '' }],
    ['prefix', { prefix: 'with space/' }],
    ['prefix', { prefix: 'x'.repeat(25) }],
    ['partBytes', { partBytes: 1_000_000 }],
    ['concurrency', { concurrency: 0 }],
    ['retryTimeoutMs', { retryTimeoutMs: Number.NaN }],
  ])('refuses a %s that cannot work, by name', async (name, options) => {
    await expect(open(options)).rejects.toMatchObject({
      code: 'MILONGA_WIRING_CREATE_FAILED',
      message: expect.stringContaining(`"${name}"`),
    });
  });
});
