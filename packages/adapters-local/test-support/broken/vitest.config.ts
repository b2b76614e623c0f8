import { defineConfig, type ViteUserConfig } from 'vitest/config';

const condition = '@milonga/source';

/** For broken-adapters.test.ts alone, which expects failures. */
const config: ViteUserConfig = defineConfig({
  root: import.meta.dirname,
  ssr: { resolve: { conditions: [condition, 'node'], externalConditions: [condition] } },
  test: {
    include: ['*-suite.ts'],
    cache: false,
    pool: 'forks',
    execArgv: [`--conditions=${condition}`],
    env: { NODE_OPTIONS: `--conditions=${condition}` },
    maxWorkers: 2,
    testTimeout: 5_000,
    hookTimeout: 5_000,
    teardownTimeout: 2_000,
  },
});

export default config;
