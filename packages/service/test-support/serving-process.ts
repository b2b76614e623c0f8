import { defineRecommender, messageOf, type Role, type Route } from '@milonga/core';
import { runUntilSignal, startRecommender } from '@milonga/service';

/**
 * A process that serves until a signal, for tests that send one. Arguments: how long it stays up after turning not ready, the
 * limit of the drain, and `stubborn` for a role that never stops.
 */
const [unreadyMs = '0', drainMs = '10000', kind = ''] = process.argv.slice(2);

const route = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, summary: path, handle });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const role: Role = {
  name: 'recommend',
  description: 'answers slowly',
  needs: () => [],
  start: async () => ({
    routes: [
      route('/v1/slow/:ms', async ({ parameters }) => {
        await wait(Number(parameters.ms));
        return { body: 'done' };
      }),
      route('/v1/never', () => new Promise(() => {})),
    ],
    stop: () => (kind === 'stubborn' ? new Promise(() => {}) : Promise.resolve()),
  }),
};

const running = await startRecommender(defineRecommender({ name: 'shop', adapters: [], events: [], roles: [role] }), {
  unreadyMs: Number(unreadyMs),
  drainMs: Number(drainMs),
  logging: { level: 'error' },
});
const stopped = runUntilSignal(running, (name) => process.stdout.write(`stopping on ${name}\n`));
process.stdout.write(`${running.url}\n`); // from here on signals are handled
try {
  const signal = await stopped;
  process.stdout.write(`stopped by ${signal}\n`);
} catch (error) {
  process.stdout.write(`${messageOf(error)}\n`);
  process.exitCode = 3;
}
