import { expect, test } from 'vitest';
import { sdkLoader } from './sdk-loader.ts';

test('loads once for all callers; a load that failed says what to install, and is tried again', async () => {
  let loads = 0;
  const load = sdkLoader({
    adapter: 'Tango',
    package: 'bandoneon',
    major: 3,
    load: async () => {
      loads += 1;
      if (loads === 1) throw new Error('Cannot find package');
      return { play: 'it' };
    },
  });
  await expect(load()).rejects.toMatchObject({
    code: 'MILONGA_WIRING_CREATE_FAILED',
    message:
      'The Tango adapter needs the package "bandoneon", which could not be loaded. Install it: npm install bandoneon@3',
  });
  expect(await Promise.all([load(), load()])).toEqual([{ play: 'it' }, { play: 'it' }]);
  expect(loads).toBe(2);
});
