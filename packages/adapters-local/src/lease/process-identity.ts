import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Enough to tell whether a process of this machine is still the one that wrote this. */
export interface ProcessIdentity {
  /** Machine and namespace of process numbers: elsewhere, the number means another process. */
  readonly host: string;
  readonly pid: number;
  /** As the system counts it; empty where it does not tell. Tells apart two processes that had one number. */
  readonly startedAt: string;
}

const attempt = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Field 22 of `/proc/<pid>/stat`; the name before it may contain anything, so count from its end. */
const startOf = (pid: number): string =>
  attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  });

/** This process. */
export const thisProcess: ProcessIdentity = {
  host: `${hostname()} ${attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())} ${attempt(() => readlinkSync('/proc/self/ns/pid'))}`,
  pid: process.pid,
  startedAt: startOf(process.pid),
};

/** True when the process certainly does not run any more; false when it does, or when nobody here can know. */
export function isGone(identity: ProcessIdentity): boolean {
  if (identity.host !== thisProcess.host) return false;
  if (identity.pid === thisProcess.pid) return identity.startedAt !== thisProcess.startedAt;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const startedAt = startOf(identity.pid);
  return startedAt !== '' && identity.startedAt !== '' && startedAt !== identity.startedAt;
}
