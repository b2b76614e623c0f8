import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ServiceName, serviceNames } from './addresses.ts';

/** How a test says which service it needs; an example in a comment needs none. */
const requirement = /^(?!\s*(?:\*|\/\/)).*\brequireService\(\s*['"]([a-z-]+)['"]/gm;

/** An import of a file of this repository, as sources here write it. */
const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+\.ts)['"]/g;

/**
 * The services that test files need: those they ask for by `requireService('name')`, themselves or in a file that they
 * import by a relative path, however far. A run of tests that need none starts none.
 */
export async function neededServices(testFiles: readonly string[]): Promise<readonly ServiceName[]> {
  const needed = new Set<string>();
  const seen = new Set(testFiles);
  for (const file of seen) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const [, name] of text.matchAll(requirement)) needed.add(name!);
    for (const [, path] of text.matchAll(relativeImport)) seen.add(join(dirname(file), path!));
  }
  return serviceNames.filter((name) => needed.has(name));
}

/**
 * The services that may be started, by what `MILONGA_SERVICES` says: `none`, some names with commas between them, or all
 * where it is not set. A name that no service has is an error, for else a typing mistake would skip tests.
 */
export function allowedServices(limit: string | undefined): readonly ServiceName[] {
  if (limit === undefined || limit === '' || limit === 'all') return serviceNames;
  if (limit === 'none') return [];
  const names = limit.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName));
  if (unknown.length > 0) {
    throw new RangeError(
      `MILONGA_SERVICES names ${unknown.join(', ')}, which no service is called. Give none, or some of: ${serviceNames.join(', ')}.`,
    );
  }
  return serviceNames.filter((name) => names.includes(name));
}
