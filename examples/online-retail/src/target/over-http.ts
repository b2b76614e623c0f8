import { setTimeout as wait } from 'node:timers/promises';
import {
  type CollectOutcome,
  type Collector,
  MilongaError,
  type Recommendation,
  type Recommendations,
} from '@milonga/core';

/** Events of one request: what the route takes. */
const MOST_EVENTS = 1_000;
const PAUSE_MS = 50;

/** Where a request may go; asked anew for every try, because processes come and go. */
export type Addresses = () => readonly string[];

/** Hands events in over HTTP, again until somebody has taken them: the same ids do not count twice. */
export function collectorOverHttp(addresses: Addresses, patienceMs: number): Collector {
  return {
    collect: async (events) => {
      const outcomes: CollectOutcome[] = [];
      for (let start = 0; start < events.length; start += MOST_EVENTS) {
        const body = { events: events.slice(start, start + MOST_EVENTS) };
        const answer = await post<{ readonly outcomes: readonly CollectOutcome[] }>(
          addresses,
          '/v1/events',
          body,
          patienceMs,
        );
        outcomes.push(...answer.outcomes);
      }
      return outcomes;
    },
  };
}

/** Asks for slates over HTTP, as a load balancer would: a process that is gone costs a try, not the request. */
export const recommendationsOverHttp = (addresses: Addresses, patienceMs: number): Recommendations => ({
  recommend: (pipeline, input) => post<Recommendation>(addresses, `/v1/recommend/${pipeline}`, input, patienceMs),
});

async function post<T>(addresses: Addresses, path: string, body: unknown, patienceMs: number): Promise<T> {
  const endsMs = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    const all = addresses();
    const url = all[attempt % all.length];
    const failure = url === undefined ? new Error('nobody serves') : await tryPost<T>(`${url}${path}`, body);
    if (!(failure instanceof Error)) return failure.value;
    if (performance.now() >= endsMs || (MilongaError.isInstance(failure) && !failure.isRetryable)) throw failure;
    if (attempt % Math.max(1, all.length) === all.length - 1) await wait(PAUSE_MS);
  }
}

async function tryPost<T>(url: string, body: unknown): Promise<{ readonly value: T } | Error> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return { value: (await response.json()) as T };
    const text = await response.text();
    return new MilongaError('MILONGA_REQUEST_INVALID', `${url} answered ${response.status}: ${text.slice(0, 300)}`, {
      isRetryable: response.status >= 500,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
