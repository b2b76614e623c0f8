/** Writes docs/reference/errors.md anew: `npm run docs:errors`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorReference, errorReferencePath, readErrorCodes } from './error-reference.ts';

const root = join(import.meta.dirname, '../..');
const file = join(root, errorReferencePath);
const codes = await readErrorCodes(root);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, errorReference(codes));
console.log(`${errorReferencePath}: ${Object.keys(codes).length} codes`);
