import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Bigtable } from '@google-cloud/bigtable';
import { type Cell, systemClock } from '@milonga/core';
import { afterAll, describe, expect, test } from 'vitest';
import { requireService } from '../../../../../services/test-services.ts';
import { BigtableOfflineStore } from './bigtable-offline-store.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('bigtable');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);
const cell = (family: string, value: string, at = 0): Cell => ({
  family,
  qualifier: bytes('q'),
  value: bytes(value),
  at,
});
const KEPT = { reason: 'a test' };
let tables = 0;
const newTable = (): string => {
  tables += 1;
  return `own-${Date.now().toString(36)}-${tables}`;
};

/** A way to the service that can be cut: every connection ends at once, in the midst of what it carries. */
async function cuttable(): Promise<{ port: number; carried: () => number; cut: () => void; close: () => void }> {
  const sockets = new Set<Socket>();
  let carried = 0;
  const server = createServer((near) => {
    const far = connect(address!.port, address!.host);
    far.on('data', (data) => {
      carried += data.length;
    });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [near, far].map((one) => one.destroy()));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    carried: () => carried,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}

describe.skipIf(address === undefined)('BigtableOfflineStore', () => {
  const endpoint = (port = address!.port) => ({ projectId: 'test', apiEndpoint: `127.0.0.1:${port}` });
  const stores: BigtableOfflineStore[] = [];
  const open = async (port?: number): Promise<BigtableOfflineStore> => {
    const store = await BigtableOfflineStore.open({ instance: 'test', clientOptions: endpoint(port) }, systemClock());
    stores.push(store);
    return store;
  };
  afterAll(() => Promise.all(stores.map((store) => store.close())));

  test('a scan whose connection is cut goes on after the last row, each row once', async () => {
    const way = await cuttable();
    const store = await open(way.port);
    const table = newTable();
    await store.ensureTables([{ name: table, families: { a: KEPT } }]);
    const keys = Array.from({ length: 4_000 }, (_, i) => String(i).padStart(6, '0'));
    const outcomes = await store.mutateRows(
      table,
      keys.map((key) => ({ key: bytes(key), set: [cell('a', key.repeat(200))] })),
    );
    expect(outcomes.every(({ status }) => status === 'applied')).toBe(true);
    const before = way.carried();
    const seen: string[] = [];
    let cuts = 0;
    for await (const rows of store.scanRows(table, {})) {
      seen.push(...rows.map(({ key }) => text(key)));
      if (cuts < 3 && seen.length > (cuts + 1) * 700) {
        cuts += 1;
        way.cut();
      }
    }
    expect(cuts).toBe(3);
    expect(seen).toEqual(keys);
    expect(way.carried() - before).toBeGreaterThan(4_000 * 1_200);
    way.close();
  });

  test('reads and writes go on when the connection was cut', async () => {
    const way = await cuttable();
    const store = await open(way.port);
    const table = newTable();
    await store.ensureTables([{ name: table, families: { a: KEPT } }]);
    for (let round = 0; round < 5; round += 1) {
      const writing = store.mutateRows(
        table,
        Array.from({ length: 300 }, (_, i) => ({ key: bytes(`${round}-${i}`), set: [cell('a', 'v'.repeat(2_000))] })),
      );
      setTimeout(way.cut, round * 3);
      expect((await writing).every(({ status }) => status === 'applied')).toBe(true);
      way.cut();
      expect((await store.readRows(table, [bytes(`${round}-299`)]))[0]).toBeDefined();
    }
    way.close();
  });

  test('one bad row fails alone, and is not tried again', async () => {
    const store = await open();
    const table = newTable();
    await store.ensureTables([{ name: table, families: { a: KEPT } }]);
    const begun = performance.now();
    const outcomes = await store.mutateRows(table, [
      { key: bytes('1'), set: [cell('a', '1')] },
      { key: bytes('2'), set: [cell('never-made', '2')] },
      { key: bytes('3'), set: [cell('a', '3')] },
      { key: bytes('2'), set: [cell('a', 'after')], onlyIf: { family: 'a', qualifier: bytes('q'), equals: undefined } },
      { key: new Uint8Array(), set: [cell('a', 'no key')] },
    ]);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'failed', 'applied', 'failed', 'failed']);
    expect(outcomes[1]).toMatchObject({ isRetryable: false });
    expect(
      (await store.readRows(table, ['1', '2', '3'].map(bytes))).map((row) => row && text(row.cells[0]!.value)),
    ).toEqual(['1', undefined, '3']);
  });

  test('a service that is away is a retryable error within the limit', async () => {
    const store = await BigtableOfflineStore.open(
      { instance: 'test', clientOptions: endpoint(1), retryTimeoutMs: 300 },
      systemClock(),
    );
    await expect(store.readRows('any', [bytes('x')])).rejects.toMatchObject({
      code: 'MILONGA_OFFLINE_STORE_UNAVAILABLE',
      isRetryable: true,
    });
    await store.close();
  });

  test('a changed time to live is taken over; a family of another process is known', async () => {
    const [one, other] = [await open(), await open()];
    const table = newTable();
    await one.ensureTables([{ name: table, families: { a: { ttlMs: 60_000 } } }]);
    await other.ensureTables([{ name: table, families: { a: { ttlMs: 1_000_000_000 }, b: KEPT } }]);
    await other.mutateRows(table, [{ key: bytes('1'), set: [cell('a', 'old', Date.now() - 120_000)] }]);
    expect((await (await open()).readRows(table, [bytes('1')]))[0]).toBeDefined();
  });

  test('a client of the user is used and not closed', async () => {
    const client = new Bigtable(endpoint());
    const store = await BigtableOfflineStore.open({ instance: 'test', client: async () => client }, systemClock());
    const table = newTable();
    await store.ensureTables([{ name: table, families: { a: KEPT } }]);
    await store.close();
    expect(await client.instance('test').table(table).exists()).toEqual([true]);
    await client.close();
  });

  test('names that Bigtable does not take are made fit, and stay apart', async () => {
    const store = await open();
    const names = ['an/odd name ', 'an/odd name_', 'x'.repeat(60), 'x'.repeat(61)].map((name) => name + newTable());
    await store.ensureTables(names.map((name) => ({ name, families: { a: KEPT } })));
    await store.mutateRows(names[0]!, [{ key: bytes('1'), set: [cell('a', '1')] }]);
    await store.mutateRows(names[2]!, [{ key: bytes('1'), set: [cell('a', '1')] }]);
    expect((await store.readRows(names[1]!, [bytes('1')]))[0]).toBe(undefined);
    expect((await store.readRows(names[3]!, [bytes('1')]))[0]).toBe(undefined);
  });
});
