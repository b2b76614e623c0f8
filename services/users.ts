import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceName, servicesFolder } from './addresses.ts';
import { identifyProcess, isRunning, parseIdentity } from './machine/process-identity.ts';

/** The user that `npm run services -- up` stands for: it has no process, and keeps the service up until `down`. */
const everyone = 'kept-up';

const folderOf = (name: ServiceName, folder: string = servicesFolder()): string => join(folder, 'users', name);

/**
 * Notes who needs a service: this process for as long as it lives, or everyone (`kept`) until the service is told to
 * stop. Two test runs at a time so share a service, and the one that ends first does not stop it for the other.
 */
export async function addUser(name: ServiceName, kept: boolean, folder?: string): Promise<void> {
  const users = folderOf(name, folder);
  await mkdir(users, { recursive: true });
  const content = kept ? '' : JSON.stringify(await identifyProcess(process.pid));
  await writeFile(join(users, kept ? everyone : String(process.pid)), content);
}

/** This process needs the service no more. */
export async function removeUser(name: ServiceName, folder?: string): Promise<void> {
  await rm(join(folderOf(name, folder), String(process.pid)), { force: true });
}

/** Nobody needs the service any more: it has been stopped. */
export async function removeAllUsers(name: ServiceName, folder?: string): Promise<void> {
  await rm(folderOf(name, folder), { recursive: true, force: true });
}

/** Whether anyone who still lives needs the service. */
export async function hasUsers(name: ServiceName, folder?: string): Promise<boolean> {
  const users = folderOf(name, folder);
  for (const file of await readdir(users).catch(() => [])) {
    if (file === everyone) return true;
    const identity = parseIdentity(await readFile(join(users, file), 'utf8').catch(() => ''));
    if (identity !== undefined && (await isRunning(identity))) return true;
  }
  return false;
}
