export { storage } from './storage-adapter.ts';
export type { StorageAdapterOptions } from './storage-options.ts';
