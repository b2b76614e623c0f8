import { embedded } from './embedded.ts';
import { gcpStack } from './gcp.ts';
import { kafkaStack } from './kafka.ts';
import { processes } from './processes.ts';
import type { Stack } from './stack.ts';

/** The stacks by name. */
export const STACKS: Readonly<Record<string, Stack>> = { embedded, processes, kafka: kafkaStack, gcp: gcpStack };

/** A stack by name. */
export function stackOf(name: string): Stack {
  const stack = STACKS[name];
  if (stack === undefined) throw new Error(`No stack is named "${name}"; there are ${Object.keys(STACKS).join(', ')}.`);
  return stack;
}
