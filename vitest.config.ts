import { defineConfig } from 'vitest/config';

/** Everything runs from source: the `@milonga/source` condition of each package's exports map, here and in children. */
const condition = '@milonga/source';

export default defineConfig({
  ssr: { resolve: { conditions: [condition, 'node'], externalConditions: [condition] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/*/**/*.test.ts',
      'scripts/**/*.test.ts',
      'services/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['services/vitest-setup.ts'],
    pool: 'forks',
    execArgv: [`--conditions=${condition}`],
    env: { NODE_OPTIONS: `--conditions=${condition}` },
    maxWorkers: 2,
    testTimeout: 20_000,
    reporters: ['default', ['json', { outputFile: '.turbo/vitest.json' }]],
  },
});
