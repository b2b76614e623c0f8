import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostsAndPorts, serviceNames } from './addresses.ts';
import { composeAddresses } from './compose-addresses.ts';

const text = await readFile(join(import.meta.dirname, 'compose.yaml'), 'utf8');

/** The text of one service: from its name, indented by two, to the next. */
const section = (name: string): string =>
  text.split(new RegExp(`^ {2}${name}:$`, 'm'))[1]!.split(/^ {2}[a-z-]+:$/m)[0]!;

test.each(serviceNames)('Docker puts %s where its address says, and on this machine alone', (name) => {
  if (section(name).includes('network_mode: host')) {
    const [{ port } = { port: 0 }] = hostsAndPorts(name, composeAddresses[name]);
    expect(section(name)).toContain(`-host 127.0.0.1 -port ${port}`);
    return;
  }
  const published = [...section(name).matchAll(/['"]([\d.]+):(\d+)(?:-(\d+))?:(\d+)(?:-(\d+))?['"]/g)];
  const ports = published.flatMap(([, host, from, until = from, inside, insideUntil = inside]) => {
    expect(host).toBe('127.0.0.1');
    expect([inside, insideUntil]).toEqual([from, until]);
    return Array.from({ length: Number(until) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
  expect(ports).toEqual(hostsAndPorts(name, composeAddresses[name]).map(({ port }) => port));
});
