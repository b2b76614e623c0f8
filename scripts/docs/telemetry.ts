/** Writes docs/reference/telemetry.md anew: `npm run docs:telemetry`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readTelemetryNames, telemetryReference, telemetryReferencePath } from './telemetry-reference.ts';

const root = join(import.meta.dirname, '../..');
const file = join(root, telemetryReferencePath);
const names = await readTelemetryNames(root);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, telemetryReference(names));
console.log(`${telemetryReferencePath}: ${Object.keys(names.METRICS).length} metrics`);
