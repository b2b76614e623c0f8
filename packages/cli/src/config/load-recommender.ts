import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MilongaError, messageOf, type Recommender } from '@milonga/core';

const DEFAULTS = ['milonga.config.ts', 'milonga.config.mts', 'milonga.config.js', 'milonga.config.mjs'];

/**
 * Imports the configuration and gives its recommender. TypeScript runs as it is: Node strips the types.
 *
 * @param path The file; absent: `milonga.config.ts` (or .mts, .js, .mjs) in the current folder.
 * @throws MilongaError `MILONGA_CONFIG_INVALID` when there is none, it cannot be imported, or it exports something else.
 */
export async function loadRecommender(path: string | undefined): Promise<Recommender> {
  const file = await findConfig(path);
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    if (MilongaError.isInstance(error)) throw error; // a definition error says it all by itself
    throw new MilongaError('MILONGA_CONFIG_INVALID', `${file} could not be imported: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const value = module.default as Partial<Recommender> | undefined;
  if (value?.kind === 'recommender') return value as Recommender;
  throw new MilongaError(
    'MILONGA_CONFIG_INVALID',
    `${file} must export a recommender: \`export default defineRecommender({ … })\`; its default export is ${value === undefined ? 'missing' : typeof value}.`,
  );
}

async function findConfig(path: string | undefined): Promise<string> {
  for (const name of path === undefined ? DEFAULTS : [path]) {
    const file = resolve(name);
    try {
      await access(file);
      return file;
    } catch {
      // the next name
    }
  }
  throw new MilongaError(
    'MILONGA_CONFIG_INVALID',
    path === undefined
      ? `There is no milonga.config.ts in ${process.cwd()}. Name one with --config FILE.`
      : `There is no file ${resolve(path)}.`,
  );
}
