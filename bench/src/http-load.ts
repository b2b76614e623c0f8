/** A process of its own that puts load on a server, so that the server has its core to itself. Talks over Node's IPC. */
import autocannon from 'autocannon';

/** What the parent asks for. */
export interface LoadOrder {
  readonly url: string;
  /** Taken in turns, so that no two requests in flight are the same. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly durationS: number;
}

/** What the parent is told. */
export interface LoadReport {
  readonly requests: number;
  /** Answers that were not 2xx, and connections that broke. */
  readonly failures: number;
  readonly elapsedMs: number;
  /** Of every request that was answered. */
  readonly latenciesMs: readonly number[];
}

async function load({ url, bodies, connections, durationS }: LoadOrder): Promise<LoadReport> {
  const latenciesMs: number[] = [];
  const requests = bodies.map(
    (body): autocannon.Request => ({
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    }),
  );
  let clients = 0;
  const setupClient = (client: autocannon.Client): void => {
    const first = Math.floor((clients++ * requests.length) / connections);
    client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
  };
  const startedAt = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon({ url, connections, duration: durationS, requests, setupClient }, (error, done) =>
      error ? reject(error) : resolve(done),
    );
    running.on('response', (_client, _status, _bytes, responseTimeMs) => latenciesMs.push(responseTimeMs));
  });
  return {
    requests: latenciesMs.length,
    failures: result.errors + result.timeouts + result.non2xx,
    elapsedMs: performance.now() - startedAt,
    latenciesMs,
  };
}

process.on('message', async (order: LoadOrder) => {
  process.send!(await load(order));
});
