import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { examplesOf } from '../checks/markdown-examples.ts';

/** The adapter of docs/guides/write-an-adapter.md, held to the contract by the very test that the page shows. */
const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/guides/write-an-adapter.md'), 'utf8');
mkdirSync(join(root, '.turbo'), { recursive: true });
const folder = mkdtempSync(join(root, '.turbo/adapter-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const { fileName, text } of examplesOf(page)) if (fileName) writeFileSync(join(folder, fileName), text);
await import(join(folder, 'sqlite.test.ts'));
