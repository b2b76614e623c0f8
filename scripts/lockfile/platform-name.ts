/** Where a prebuilt binary runs, in the words of package.json's `os`, `cpu` and `libc`. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly libc?: 'glibc' | 'musl';
}

const systems: Readonly<Record<string, string>> = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  linuxmusl: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
};

const processors: Readonly<Record<string, string>> = {
  '64': 'x64',
  arm: 'arm',
  armv7: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  x64: 'x64',
};

/** Reads the platform from a package name such as `@rollup/rollup-linux-arm64-musl`; `undefined` if it tells none. */
export const platformOf = (name: string): Platform | undefined => {
  const words = name.split(/[-/_.]/);
  const system = words.find((word) => word in systems);
  const processor = words.slice(system ? words.indexOf(system) + 1 : 0).find((word) => word in processors);
  const os = systems[system ?? ''];
  const cpu = processors[processor ?? ''];
  if (!os || !cpu) return undefined;
  if (words.some((word) => word.startsWith('musl')) || system === 'linuxmusl') return { os, cpu, libc: 'musl' };
  return words.some((word) => word.startsWith('gnu')) && os === 'linux' ? { os, cpu, libc: 'glibc' } : { os, cpu };
};
