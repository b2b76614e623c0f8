export { FileArtifactStore, type FileArtifactStoreOptions } from './artifacts/file-artifact-store.ts';
export type { Durability } from './environment/environment.ts';
export { DuckLake } from './lake/duck-lake.ts';
export type { DuckLakeOptions } from './lake/lake-options.ts';
export { local } from './local-adapter.ts';
export type { LocalOptions } from './local-options.ts';
export { type MemoryOptions, memory } from './memory-adapter.ts';
