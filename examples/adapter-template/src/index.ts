export { SqliteArtifactStore } from './artifacts/sqlite-artifact-store.ts';
export { SqliteOnlineStore } from './online/sqlite-online-store.ts';
export { sqlite } from './sqlite-adapter.ts';
export type { SqliteDatabase, SqliteOptions } from './sqlite-options.ts';
