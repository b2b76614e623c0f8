import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serviceNames } from './addresses.ts';
import { temporaryFolder } from './machine/temporary-folder.fixture.ts';
import { allowedServices, neededServices } from './needed-services.ts';

/** In two parts, so that this file does not itself need what it writes about. */
const ask = (name: string): string => `const address = await require${'Service'}('${name}');\n`;

test('a test needs the services that it or a file it imports asks for', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.test.ts'), `import { b } from './b.ts';\n${ask('kafka')}`);
  await writeFile(join(folder, 'b.ts'), `export * from './a.test.ts';\n${ask('redis')}`);
  expect(await neededServices([join(folder, 'a.test.ts')])).toEqual(['redis', 'kafka']);
});

test('an example in a comment needs none, nor does a file that is not there', async () => {
  const folder = await temporaryFolder();
  const comments = `/**\n * ${ask('kafka')} */\n// ${ask('redis')}`;
  await writeFile(join(folder, 'a.test.ts'), `import 'kafkajs';\nimport { gone } from './gone.ts';\n${comments}`);
  expect(await neededServices([join(folder, 'a.test.ts')])).toEqual([]);
});

test('MILONGA_SERVICES limits what is started', () => {
  expect(allowedServices(undefined)).toEqual(serviceNames);
  expect(allowedServices('none')).toEqual([]);
  expect(allowedServices('kafka, redis')).toEqual(['redis', 'kafka']);
  expect(() => allowedServices('kafka,reddis')).toThrow('MILONGA_SERVICES names reddis');
});
