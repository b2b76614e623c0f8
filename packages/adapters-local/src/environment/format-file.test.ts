import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDirectory } from './format-file.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'milonga-format-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('makes a directory on demand and knows it again', () => {
  const dir = join(root, 'deep', 'er');
  claimDirectory(dir);
  claimDirectory(dir);
  expect(JSON.parse(readFileSync(join(dir, 'milonga-format.json'), 'utf8'))).toMatchObject({ format: 1 });
});

test.each([
  ['{"format": 2}', 'format 2'],
  ['{}', 'format undefined'],
  ['null', 'format undefined'],
  ['not JSON', 'an unreadable milonga-format.json'],
])('refuses a directory whose mark is %s, and says what to do', (mark, found) => {
  writeFileSync(join(root, 'milonga-format.json'), mark);
  expect(() => claimDirectory(root)).toThrow(
    expect.objectContaining({ code: 'MILONGA_STORAGE_INCOMPATIBLE', message: expect.stringContaining(found) }),
  );
});
