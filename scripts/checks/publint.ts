import { readFile } from 'node:fs/promises';
import { publint as lint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Check } from './check.ts';
import { type PackedPackage, packPackages } from './packed-packages.ts';
import { readManifest } from './workspace.ts';

const problemsOf = async (root: string, { folder, tarball }: PackedPackage): Promise<string[]> => {
  const bytes = await readFile(tarball);
  const { messages } = await lint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  const manifest = readManifest(root, folder);
  return messages
    .filter(({ type }) => type !== 'suggestion')
    .map((message) => `${folder}: ${formatMessage(message, manifest as never, { color: false }) ?? message.code}`);
};

export const publint: Check = {
  name: 'publint',
  rule: 'publint finds nothing wrong in any package as it would be published.',
  run: async (root) => {
    const packages = await packPackages(root);
    return { problems: (await Promise.all(packages.map((each) => problemsOf(root, each)))).flat() };
  },
};
