import { findProgram, outputOf } from '../machine/programs.ts';
import type { Lack } from '../service.ts';

/** What is lacking of one tool: nothing or one thing, in a list to spread. */
export type Lacking = Promise<readonly Lack[]>;

/** Java's runtime, of that major version or newer. */
export async function lacksJava(version: number): Lacking {
  const text = await outputOf('java', ['-version']);
  const found = /version "(?:1\.)?(\d+)/.exec(text ?? '')?.[1];
  if (found !== undefined && Number(found) >= version) return [];
  const what = `Java ${version} or newer${found === undefined ? '' : ` (java is version ${found})`}`;
  return [{ what, how: 'Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17' }];
}

/** Maven, which fetches Kafka's own jars. */
export async function lacksMaven(): Lacking {
  if ((await findProgram('mvn')) !== undefined) return [];
  return [{ what: 'Maven (mvn)', how: 'Debian: apt-get install maven; macOS: brew install maven' }];
}

/** Go's compiler, of that minor version of Go 1 or newer, or one that fetches it by itself. */
export async function lacksGo(minor: number): Lacking {
  const found = /go1\.(\d+)/.exec((await outputOf('go', ['version'])) ?? '')?.[1];
  // Since 1.21 go fetches the toolchain that a module asks for.
  if (found !== undefined && Number(found) >= 21) return [];
  const what = `Go 1.${minor} or newer${found === undefined ? '' : ` (go is version 1.${found})`}`;
  return [{ what, how: 'macOS: brew install go; elsewhere: https://go.dev/doc/install, and go on the PATH' }];
}

/** Python 3 of that minor version or newer, with the modules that make an environment of its own. */
export async function lacksPython(minor: number): Lacking {
  const program = await pythonProgram();
  const how = 'Debian: apt-get install python3 python3-venv; macOS: brew install python';
  const found = program && /Python 3\.(\d+)/.exec((await outputOf(program, ['--version'])) ?? '')?.[1];
  if (!found || Number(found) < minor) {
    return [{ what: `Python 3.${minor} or newer${found ? ` (${program} is version 3.${found})` : ''}`, how }];
  }
  const modules = await outputOf(program, ['-c', 'import venv, ensurepip']);
  return modules === undefined ? [{ what: "Python's modules venv and ensurepip", how }] : [];
}

/** The Python on the PATH. */
export async function pythonProgram(): Promise<string | undefined> {
  return (await findProgram('python3')) ?? (await findProgram('python'));
}
