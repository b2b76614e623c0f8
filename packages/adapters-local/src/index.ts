export type { Durability } from './environment/environment.ts';
export { local } from './local-adapter.ts';
export type { LocalOptions } from './local-options.ts';
export { memory, type MemoryOptions } from './memory-adapter.ts';
