import { type Adapter, defineAdapter } from '@milonga/core/app';

/** Placeholder until the readers stand. */
export const featureStoreAdapter: Adapter = defineAdapter('feature-store', []);
