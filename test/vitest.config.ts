import { defineConfig } from 'vitest/config';

function project(name: string, folder: string, timeoutMs: number) {
  return {
    extends: true as const,
    test: { name, include: [`test/${folder}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: timeoutMs },
  };
}

export default defineConfig({
  test: {
    passWithNoTests: false,
    // One file at a time in the suites that start servers keeps two cores honest.
    projects: [
      project('core', 'core', 20_000),
      project('agent', 'agent', 20_000),
      project('contract', 'contract', 30_000),
      project('meta', 'meta', 120_000),
      project('integration', 'integration', 120_000),
      project('e2e', 'e2e', 180_000),
    ],
  },
});
