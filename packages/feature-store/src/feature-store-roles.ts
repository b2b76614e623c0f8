import type { Role } from '@milonga/core';

export const featureStoreRoles: readonly Role[] = [];
