import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram, isExecutable } from '../machine/programs.ts';

/** The `platform` folders of the Google Cloud SDKs on this machine, that of the `gcloud` on the PATH first. */
async function platformFolders(): Promise<readonly string[]> {
  const gcloud = await findProgram('gcloud');
  const own = gcloud === undefined ? [] : [join(dirname(await realpath(gcloud)), '..')];
  return [...own, '/usr/lib/google-cloud-sdk', '/opt/google-cloud-sdk'].map((folder) => join(folder, 'platform'));
}

/** The Bigtable emulator of an installed Google Cloud SDK. */
export async function sdkBigtableEmulator(): Promise<string | undefined> {
  for (const folder of await platformFolders()) {
    const program = join(folder, 'bigtable-emulator', 'cbtemulator');
    if (await isExecutable(program)) return program;
  }
  return undefined;
}

/** The jar of the Pub/Sub emulator of an installed Google Cloud SDK. */
export async function sdkPubsubJar(): Promise<string | undefined> {
  for (const folder of await platformFolders()) {
    const jars = join(folder, 'pubsub-emulator', 'lib');
    const files = await readdir(jars).catch(() => []);
    const jar = files
      .filter((file) => /^cloud-pubsub-emulator-.*-all\.jar$/.test(file))
      .sort()
      .at(-1);
    if (jar !== undefined) return join(jars, jar);
  }
  return undefined;
}
