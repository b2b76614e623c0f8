/**
 * Some roles of the shop in a process of their own, driven by its parent:
 * `node role-process.ts <stack> <dir> <start of the clock> <role…>`. Ends when its parent does.
 */
import { Clock } from '@milonga/core';
import { defineAdapter, provide } from '@milonga/core/app';
import { type RunningRecommender, startRecommender } from '@milonga/service';
import { type TestClock, testClock } from '@milonga/testing';
import recommender from '../../milonga.config.ts';
import { stackOf } from '../../stacks/stacks.ts';
import type { Call, Command, Reply } from './control.ts';
import { servicesFolderOf } from './stack-services.ts';

const [stack = '', dir = '', startAt = '', ...roles] = process.argv.slice(2);

const tell = (reply: Reply): void => void process.send?.(reply);

async function obey(running: RunningRecommender, clock: TestClock, command: Command): Promise<number | undefined> {
  switch (command.kind) {
    case 'advance':
      await clock.advanceTo(command.at);
      return undefined;
    case 'settle':
      await running.roles.get(command.role)?.settle?.();
      return undefined;
    case 'usage':
      return process.resourceUsage().maxRSS * 1_024;
    case 'stop':
      await running.stop();
      return undefined;
  }
}

const clock = testClock({ now: Number(startAt) });
const running = await startRecommender(recommender, {
  roles,
  adapters: [
    ...(await stackOf(stack).adapters({ dir, servicesFolder: servicesFolderOf(dir) })),
    defineAdapter('replay', [provide(Clock, { create: () => clock })]),
  ],
  logging: { level: 'error' },
  http: { port: 0 },
});
process.on('SIGINT', () => {}); // a Ctrl-C reaches the whole group; the parent says when to stop
process.on('disconnect', () => void running.stop().finally(() => process.exit(1)));
process.on('message', ({ call, command }: Call) => {
  obey(running, clock, command)
    .then(
      (value): Reply => ({ call, ...(value === undefined ? {} : { value }) }),
      (error: unknown): Reply => ({ call, error: String(error) }),
    )
    .then((reply) => {
      tell(reply);
      if (command.kind === 'stop') process.disconnect();
    });
});
tell({ ready: true, url: running.url });
