import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, runProgram } from './tree.ts';

/** Something that core must not do, and who has to notice. */
interface Plant {
  readonly what: string;
  readonly code: string;
  /** Part of the compiler's complaint; `null`: it has nothing against it. */
  readonly compiler: string | null;
  /** The linter's rule; `null`: the compiler is enough. */
  readonly linter: string | null;
}

const plants: readonly Plant[] = [
  {
    what: 'reads files',
    code: "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync('x');",
    compiler: 'node:fs',
    linter: 'no-restricted-imports',
  },
  {
    what: 'imports the agent',
    code: "import { version } from '../../agent/version.ts';\nexport const planted = version;",
    compiler: 'TS6059',
    linter: 'no-restricted-imports',
  },
  {
    what: "imports the agent's types",
    code: "import type { LoadedConfig } from '../../agent/config/load-config.ts';\nexport type Planted = LoadedConfig;",
    compiler: 'TS6059',
    linter: 'no-restricted-imports',
  },
  {
    what: 'imports a package',
    code: "import { z } from 'zod';\nexport const planted = z.string();",
    compiler: null,
    linter: 'no-restricted-imports',
  },
  {
    what: 'asks the clock',
    code: 'export const planted = Date.now();',
    compiler: null,
    linter: 'no-restricted-properties',
  },
  {
    what: 'is random',
    code: 'export const planted = Math.random();',
    compiler: null,
    linter: 'no-restricted-properties',
  },
  { what: 'prints', code: "console.log('x');\nexport const planted = 1;", compiler: "'console'", linter: null },
  { what: 'sends', code: "export const planted = fetch('http://localhost');", compiler: "'fetch'", linter: null },
  { what: 'knows the process', code: 'export const planted = process.env;', compiler: "'process'", linter: null },
  { what: 'waits', code: 'export const planted = setTimeout(String, 1);', compiler: "'setTimeout'", linter: null },
];

describe("core's border, in a copy", () => {
  let copy = '';
  let planted = '';

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'rollcall-border-'));
    planted = join(copy, 'core', 'plan', 'planted.ts');
    for (const part of ['core', 'agent', 'tsconfig.json', '.oxlintrc.json', 'package.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  function compile(): ReturnType<typeof runProgram> {
    return runProgram(['tsc', '-p', 'core'], { cwd: copy });
  }

  function lint(): ReturnType<typeof runProgram> {
    return runProgram(['oxlint', '--config', '.oxlintrc.json', 'core/plan/planted.ts'], { cwd: copy });
  }

  it('lets core as it is, and a harmless file, pass', () => {
    writeFileSync(planted, 'export const planted = 1;\n');

    expect(compile()).toMatchObject({ status: 0 });
    expect(lint()).toMatchObject({ status: 0 });
  });

  it.each(plants)('stops a file of core that $what', ({ code, compiler, linter }) => {
    writeFileSync(planted, `${code}\n`);

    const compiled = compile();
    const linted = lint();

    if (compiler !== null) {
      expect(compiled.output).toContain(compiler);
      expect(compiled.output).toContain('planted.ts');
      expect(compiled.status).not.toBe(0);
    }
    if (linter !== null) {
      expect(linted.output).toContain(linter);
      expect(linted.status).not.toBe(0);
    }
  });
});
