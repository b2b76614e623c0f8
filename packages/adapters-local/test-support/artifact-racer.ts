/**
 * Puts 20 artifacts that other processes put at the same time, 50 calls a name, and says which it won.
 * `node artifact-racer.ts <dir> <name>`; it begins when it is sent a line.
 */
import { once } from 'node:events';
import { FileArtifactStore } from '../src/index.ts';

const [dir = '', name = ''] = process.argv.slice(2);
const artifacts = await FileArtifactStore.open({ dir });
console.log('ready');
await once(process.stdin, 'data');
for (let i = 0; i < 20; i += 1) {
  const bytes = new TextEncoder().encode(`${name} `.repeat(5_000));
  const wins = await Promise.all(Array.from({ length: 50 }, () => artifacts.putIfAbsent(`race/${i}`, bytes)));
  console.log(`won ${i} ${wins.filter((isFirst) => isFirst).length}`);
}
artifacts.close();
process.stdin.destroy();
