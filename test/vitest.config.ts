import { defineConfig } from 'vitest/config';

interface Choice {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

function project(name: string, folder: string, timeoutMs: number, choice: Choice = {}) {
  const include = [...(choice.include ?? [`test/${folder}/**/*.test.ts`])];
  return {
    extends: true as const,
    test: { name, include, exclude: [...(choice.exclude ?? [])], testTimeout: timeoutMs, hookTimeout: timeoutMs },
  };
}

/** They live by a clock that runs thousands of times faster, so what takes a core away from them takes hours. */
const services = ['test/e2e/service*.test.ts', 'test/e2e/password-change.test.ts'];

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      project('core', 'core', 20_000),
      project('agent', 'agent', 20_000),
      project('installer', 'installer', 60_000),
      project('contract', 'contract', 30_000),
      project('meta', 'meta', 120_000),
      project('integration', 'integration', 120_000),
      project('e2e', 'e2e', 180_000, { exclude: services }),
      project('service', 'e2e', 180_000, { include: services }),
      // They boot whole systems: not part of a plain run, see test/run.ts.
      project('packages', 'packages', 900_000),
    ],
  },
});
