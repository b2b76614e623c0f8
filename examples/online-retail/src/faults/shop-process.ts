/** The whole small shop as a process of its own: `node shop-process.ts <dir>`; says `ready <url>`. Ends in order on SIGTERM. */
import { runUntilSignal } from '@milonga/service';
import { startShop } from './small-shop.fixture.ts';

const [dir = ''] = process.argv.slice(2);
const running = await startShop(dir, { logging: { level: 'warn' }, drainMs: 5_000 });
console.log(`ready ${running.url}`);
await runUntilSignal(running);
