import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../test-support/serving-process.ts', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a serving process, and waits until it listens. */
async function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@milonga/source', script, ...args], { stdio: 'pipe' });
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([expect.poll(() => output, { timeout: 10_000 }).toContain('http'), ended]);
  const url = /http\S+/.exec(output)?.[0];
  if (url === undefined) throw new Error(`It did not start: ${errors}`);
  return { child, ended, url, output: () => output, errors: () => errors };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const outcome = (answer: Promise<Response>) =>
  answer.then(
    ({ status }) => status,
    () => 'refused' as const,
  );

describe('SIGTERM', () => {
  test('answers requests in flight, refuses new ones, and ends with 0', async () => {
    const served = await start();
    const inFlight = [300, 400, 500].map(async (ms) => (await fetch(`${served.url}/v1/slow/${ms}`)).json());
    await pause(100);
    served.child.kill('SIGTERM');
    await expect.poll(() => outcome(fetch(`${served.url}/livez`))).toBe('refused');
    expect(await Promise.all(inFlight)).toEqual(['done', 'done', 'done']);
    expect(await served.ended).toEqual([0, null]);
    expect(served.output()).toContain('stopped by SIGTERM');
    expect(served.errors()).toBe('');
  });

  test('turns not ready first, and serves on until load balancers had their time to notice', async () => {
    const served = await start('600');
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
    served.child.kill('SIGTERM');
    await expect.poll(() => outcome(fetch(`${served.url}/readyz`))).toBe(503);
    expect(await (await fetch(`${served.url}/readyz`)).json()).toMatchObject({ reasons: ['The process is stopping.'] });
    expect(await (await fetch(`${served.url}/v1/slow/1`)).json()).toBe('done');
    expect(await outcome(fetch(`${served.url}/livez`))).toBe(200);
    expect(await served.ended).toEqual([0, null]);
  });

  test('does not wait for connections that are idle, or that never end their request', async () => {
    const served = await start('0', '700');
    await (await fetch(`${served.url}/livez`)).text(); // leaves a connection open
    const stuck = connect(Number(new URL(served.url).port), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write('GET /v1/slow/1 HTTP/1.1\r\nHost: x\r\n');
    await pause(50);
    const startedMs = performance.now();
    served.child.kill('SIGTERM');
    expect(await served.ended).toEqual([0, null]);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  test('aborts what does not end in time, tells its client, and ends all the same', async () => {
    const served = await start('0', '300', 'stubborn');
    const never = fetch(`${served.url}/v1/never`);
    await pause(50);
    const startedMs = performance.now();
    served.child.kill('SIGTERM');
    const answer = await never;
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'MILONGA_ABORTED' } }]);
    expect(await served.ended).toEqual([3, null]);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    expect(served.output()).toContain('Stopping "recommend" did not end; it was left behind.');
  });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a second signal (%s) ends it at once with %d', async (signal, code) => {
  const served = await start('10000');
  served.child.kill('SIGINT');
  await expect.poll(served.output).toContain('stopping on SIGINT');
  served.child.kill(signal);
  expect(await served.ended).toEqual([code, null]);
});
