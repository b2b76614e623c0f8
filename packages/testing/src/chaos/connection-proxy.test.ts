import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { ConnectionProxy } from './connection-proxy.ts';

const toxiproxy = await requireService('toxiproxy');

describe.skipIf(toxiproxy === undefined)('a connection through Toxiproxy', () => {
  let server: Server;
  let proxy: ConnectionProxy;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    proxy = await ConnectionProxy.open({ upstream: { host: '127.0.0.1', port }, toxiproxy: toxiproxy!.endpoint });
  });
  afterAll(async () => {
    await proxy.close();
    server.close();
  });

  const dial = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(proxy.port, proxy.host, () => resolve(socket));
      socket.once('error', reject);
    });
  const echo = (socket: Socket, text: string): Promise<string> =>
    new Promise((resolve) => {
      socket.once('data', (data) => resolve(String(data)));
      socket.write(text);
    });

  test('carries bytes both ways', async () => {
    const socket = await dial();
    expect(await echo(socket, 'hello')).toBe('hello');
    socket.destroy();
  });

  test('a stall holds bytes back, and they arrive after it', async () => {
    const socket = await dial();
    await echo(socket, 'before');
    await proxy.stall();
    let answer: string | undefined;
    const answered = echo(socket, 'held').then((text) => {
      answer = text;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(answer).toBeUndefined();
    await proxy.restore();
    await answered;
    expect(answer).toBe('held');
    socket.destroy();
  });

  test('a cut ends open connections and refuses new ones, until it is restored', async () => {
    const socket = await dial();
    await echo(socket, 'before');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await proxy.cut();
    await ended;
    await expect(dial()).rejects.toThrow();
    await proxy.restore();
    const again = await dial();
    expect(await echo(again, 'after')).toBe('after');
    again.destroy();
  });
});

test('a Toxiproxy that is not there is named, with the way to start it', async () => {
  const upstream = { host: '127.0.0.1', port: 1 };
  await expect(ConnectionProxy.open({ upstream, toxiproxy: 'http://127.0.0.1:9' })).rejects.toThrow(/toxiproxy-server/);
});
