import { type Code, unsigned } from './instructions.ts';

/** Types of values, as WebAssembly numbers them. */
export const TYPES = { integer: 0x7f, float: 0x7d, four: 0x7b } as const;

/** What a parameter or a local is. */
export type WasmType = keyof typeof TYPES;

/** A function without a result. Parameters come first among the locals. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly WasmType[];
  readonly locals: readonly WasmType[];
  readonly body: Code;
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const text = (value: string): Code => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
};

/**
 * The bytes of a module that imports a memory as `memory.memory` and exports its functions (WebAssembly Core Specification
 * 2.0, 5.5). Written here, because a few loops do not justify a compiler in everybody's build.
 */
export function moduleOf(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }): Code => [0x60, ...vector(parameters.map((type) => [TYPES[type]])), 0]);
  const memory: Code = [...text('memory'), ...text('memory'), 0x02, 0x00, 0x01];
  const bodies = functions.map(({ locals, body }): Code => {
    const code = [...vector(locals.map((type) => [1, TYPES[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, at) => unsigned(at)))),
    ...section(7, vector(functions.map(({ name }, at) => [...text(name), 0x00, ...unsigned(at)]))),
    ...section(10, vector(bodies)),
  ]);
}
