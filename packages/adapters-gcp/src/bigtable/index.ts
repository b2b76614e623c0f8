export { bigtable } from './bigtable-adapter.ts';
export type { BigtableAdapterOptions } from './bigtable-options.ts';
