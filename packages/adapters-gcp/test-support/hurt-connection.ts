import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to bytes on their way; `undefined` cuts the connection instead of passing them on. */
export type OnTheWay = (data: Buffer) => Buffer | undefined;

/** A way to a service on this machine, with connections that a test can hurt. */
export interface HurtConnection {
  readonly endpoint: string;
  /** Bytes that came from the client so far. */
  sent(): number;
  /** Default: as they are. */
  toService: OnTheWay;
  toClient: OnTheWay;
  close(): void;
}

const unchanged: OnTheWay = (data) => data;

/** Opens one on a free port. */
export async function hurtConnection(upstream: string): Promise<HurtConnection> {
  const { hostname, port } = new URL(upstream);
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    const carry = (from: Socket, to: Socket, change: (data: Buffer) => Buffer | undefined): void => {
      sockets.add(from);
      from.on('data', (data: Buffer) => {
        const changed = change(data);
        if (changed === undefined) end();
        else to.write(changed);
      });
      from.on('error', end).on('close', () => {
        sockets.delete(from);
        end();
      });
    };
    carry(near, far, (data) => {
      sent += data.length;
      return connection.toService(data);
    });
    carry(far, near, (data) => connection.toClient(data));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection: HurtConnection = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    toService: unchanged,
    toClient: unchanged,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return connection;
}
