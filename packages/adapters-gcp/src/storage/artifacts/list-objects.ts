import { type ArtifactInfo, isArtifactName } from '@milonga/core';
import type { Attempts } from './attempts.ts';
import type { Objects } from './objects.ts';

/** Objects of one page, the most that Cloud Storage gives. */
const PAGE_OBJECTS = 1_000;

interface Page {
  readonly infos: readonly ArtifactInfo[];
  readonly nextToken: string | undefined;
}

/** Pages of artifacts whose names begin with a prefix, in byte order, each under tries of its own. */
export async function* listObjects(
  objects: Objects,
  prefix: string,
  attempts: () => Attempts,
): AsyncGenerator<readonly ArtifactInfo[]> {
  let token: string | undefined;
  do {
    const page = await objects.unlessAbsent(attempts(), () => readPage(objects, prefix, token));
    if (page === undefined) return;
    yield page.infos;
    token = page.nextToken;
  } while (token !== undefined);
}

async function readPage(objects: Objects, prefix: string, pageToken: string | undefined): Promise<Page> {
  const own = objects.connection.options.prefix;
  const [files, next] = await objects.bucket.getFiles({
    prefix: `${own}${prefix}`,
    maxResults: PAGE_OBJECTS,
    autoPaginate: false,
    ...(pageToken !== undefined && { pageToken }),
  });
  const infos = files
    .map(({ name, metadata }) => ({ name: name.slice(own.length), bytes: Number(metadata.size) }))
    .filter(({ name }) => isArtifactName(name));
  return { infos, nextToken: (next as { readonly pageToken?: string } | null)?.pageToken };
}
