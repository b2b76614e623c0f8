import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTelemetryNames, telemetryReference, telemetryReferencePath } from '../docs/telemetry-reference.ts';
import type { Check } from './check.ts';

export const telemetryNames: Check = {
  name: 'telemetry-names',
  rule: `${telemetryReferencePath} lists exactly the spans and metrics of core.`,
  run: async (root) => {
    const names = await readTelemetryNames(root);
    const file = join(root, telemetryReferencePath);
    const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const isFresh = page === telemetryReference(names);
    return {
      problems: isFresh ? [] : [`${telemetryReferencePath} is stale. Run \`npm run docs:telemetry\`.`],
      note: `${Object.keys(names.SPANS).length} spans, ${Object.keys(names.METRICS).length} metrics`,
    };
  },
};
