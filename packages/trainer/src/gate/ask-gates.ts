import { type GateVerdict, messageOf } from '@milonga/core';
import type { Gate, GateInput } from './gate.ts';

/** Asks every gate, one after the other. A gate that throws has failed, and says why. */
export async function askGates(gates: readonly Gate[], input: GateInput): Promise<readonly GateVerdict[]> {
  const verdicts: GateVerdict[] = [];
  for (const gate of gates) {
    try {
      verdicts.push(await gate.check(input));
    } catch (error) {
      verdicts.push({ gate: gate.name, passed: false, reason: `The gate itself failed: ${messageOf(error)}` });
    }
  }
  return verdicts;
}
