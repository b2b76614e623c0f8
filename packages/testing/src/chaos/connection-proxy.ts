import type { ConnectionFaults } from '../conformance/fault-run.ts';

/** Which connections a {@link ConnectionProxy} carries, and which Toxiproxy carries them. */
export interface ConnectionProxyOptions {
  /** The real service. */
  readonly upstream: { readonly host: string; readonly port: number };
  /** Where a Toxiproxy server takes commands, such as `http://127.0.0.1:8474`. */
  readonly toxiproxy: string;
  /** Longest that {@link ConnectionProxy.disturb} stalls or cuts. Default: 300. */
  readonly longestMs?: number;
}

/**
 * Real connections that a test can cut and stall: a client that connects to `host` and `port` reaches the upstream through
 * Toxiproxy (https://github.com/Shopify/toxiproxy), which must run on this machine.
 *
 * A cut resets what is open and refuses what is new; a stall leaves connections open, and not a byte passes; what was sent
 * meanwhile arrives after it, so a call that its caller gave up may still be done.
 *
 * @example
 * ```ts
 * const proxy = await ConnectionProxy.open({ upstream: { host, port }, toxiproxy: 'http://127.0.0.1:8474' });
 * testOnlineStore('redis, disturbed', {
 *   create: () => openStore(`redis://${proxy.host}:${proxy.port}`),
 *   close: (store) => closeStore(store),
 *   chaos: { connection: proxy },
 * });
 * afterAll(() => proxy.close());
 * ```
 */
export class ConnectionProxy implements ConnectionFaults {
  readonly host: string;
  readonly port: number;
  readonly #path: string;
  readonly #longestMs: number;

  private constructor(path: string, listen: string, longestMs: number) {
    const at = listen.lastIndexOf(':');
    this.host = listen.slice(0, at);
    this.port = Number(listen.slice(at + 1));
    this.#path = path;
    this.#longestMs = longestMs;
  }

  /** Makes a proxy on a free port. Rejects when Toxiproxy does not answer, and says how to start it. */
  static async open({ upstream, toxiproxy, longestMs = 300 }: ConnectionProxyOptions): Promise<ConnectionProxy> {
    const name = `milonga-${process.pid}-${Math.random().toString(36).slice(2)}`;
    const body = { name, listen: '127.0.0.1:0', upstream: `${upstream.host}:${upstream.port}`, enabled: true };
    const made = (await command(`${toxiproxy}/proxies`, 'POST', body)) as { readonly listen: string };
    return new ConnectionProxy(`${toxiproxy}/proxies/${name}`, made.listen, longestMs);
  }

  /** Resets every connection and refuses new ones, until {@link restore}. */
  async cut(): Promise<void> {
    await command(this.#path, 'POST', { enabled: false });
  }

  /** Holds back every byte in both directions, until {@link restore}. */
  async stall(): Promise<void> {
    for (const stream of ['upstream', 'downstream']) {
      const toxic = { name: `stall-${stream}`, type: 'bandwidth', stream, attributes: { rate: 0 } };
      await command(`${this.#path}/toxics`, 'POST', toxic);
    }
  }

  /** Makes everything late by this many milliseconds, until {@link restore}. */
  async delay(latencyMs: number): Promise<void> {
    const attributes = { latency: Math.round(latencyMs), jitter: Math.round(latencyMs / 2) };
    await command(`${this.#path}/toxics`, 'POST', { name: 'delay', type: 'latency', stream: 'downstream', attributes });
  }

  async restore(): Promise<void> {
    const toxics = (await command(`${this.#path}/toxics`, 'GET')) as readonly { readonly name: string }[];
    for (const { name } of toxics) await command(`${this.#path}/toxics/${name}`, 'DELETE');
    await command(this.#path, 'POST', { enabled: true });
  }

  async disturb(shape: number): Promise<void> {
    const kinds = [() => this.cut(), () => this.stall(), () => this.delay(20)];
    const kind = Math.floor(shape * kinds.length);
    await kinds[kind]!();
    const lengthMs = (shape * kinds.length - kind) * this.#longestMs;
    await new Promise((resolve) => setTimeout(resolve, lengthMs));
    await this.restore();
  }

  /** Removes the proxy; its connections end. */
  async close(): Promise<void> {
    await command(this.#path, 'DELETE');
  }
}

async function command(url: string, method: string, body?: object): Promise<unknown> {
  const request = { method, signal: AbortSignal.timeout(5_000), ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(url, request).catch((cause: unknown) => {
    const how = 'Start one: `toxiproxy-server`, or `npm run services -- up toxiproxy` in the Milonga repository';
    throw new Error(`No Toxiproxy answers at ${url}. ${how}.`, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Toxiproxy refused ${method} ${url} with ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
