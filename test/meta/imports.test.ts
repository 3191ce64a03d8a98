import { describe, expect, it } from 'vitest';
import { type Import, listFiles, listImports } from './tree.ts';

const core = listImports('core');
const agent = listImports('agent');
const installer = listImports('installer');

/** What each part of core may import besides itself. `model` and `ports` name each other's types. */
const allowedInCore: Readonly<Record<string, readonly string[]>> = {
  model: ['ports'],
  ports: ['model'],
  normalize: ['model'],
  'active-directory': ['model', 'normalize', 'result.ts'],
  collect: ['model', 'normalize', 'ports'],
  collectors: ['model', 'normalize', 'ports'],
  dedupe: ['model', 'normalize', 'ports'],
  match: ['model', 'normalize', 'ports'],
  // A rule may name an OU or a group, and what a DN is belongs to Active Directory (E10).
  enrich: ['model', 'normalize', 'ports', 'active-directory'],
  eligibility: ['model', 'normalize', 'ports'],
  'two-way': ['model', 'normalize', 'ports'],
  plan: ['model', 'normalize', 'ports', 'active-directory', 'match', 'enrich', 'eligibility', 'two-way', 'reconcile-input.ts'],
  assess: ['model', 'normalize', 'ports', 'match', 'enrich', 'eligibility', 'plan', 'reconcile-input.ts'],
  upgrade: [],
  undo: ['model', 'normalize', 'ports', 'two-way'],
  'reconcile-input.ts': ['model', 'ports', 'eligibility', 'plan'],
  'reconcile.ts': ['model', 'match', 'plan', 'reconcile-input.ts'],
  'error-kind.ts': [],
  'error-table.ts': ['error-kind.ts', 'error-table-hub.ts', 'error-table-service.ts', 'error-table-store.ts'],
  'error-table-hub.ts': ['error-kind.ts'],
  'error-table-service.ts': ['error-kind.ts'],
  'error-table-store.ts': ['error-kind.ts'],
  'errors.ts': ['error-kind.ts', 'error-table.ts'],
  'result.ts': [],
};

function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function described(imports: readonly Import[]): readonly string[] {
  return imports.map(({ from, target }) => `${from} imports ${target}`);
}

function within(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

describe('the directions of imports', () => {
  it('are seen at all', () => {
    expect(core.length).toBeGreaterThan(150);
    expect(agent.length).toBeGreaterThan(400);
  });

  it('core imports nothing but core, and no package', () => {
    expect(described(core.filter(({ target, isFile }) => !isFile || !target.startsWith('core/')))).toEqual([]);
  });

  it('a stage of core imports model, normalize and ports, and only plan and reconcile the stages that they compose', () => {
    const wrong = core.filter(({ from, target }) => {
      const allowed = allowedInCore[partOf(from)];
      return partOf(from) !== partOf(target) && (allowed === undefined || !allowed.includes(partOf(target)));
    });

    expect(described(wrong)).toEqual([]);
  });

  it('neither core nor agent imports test', () => {
    expect(described([...core, ...agent].filter(({ target }) => target.startsWith('test/')))).toEqual([]);
  });

  it('the program does not import what builds it, which imports of it what both know', () => {
    const inside = installer.filter(({ target, isFile }) => isFile && !target.startsWith('installer/'));

    expect(described([...core, ...agent].filter(({ target }) => target.startsWith('installer/')))).toEqual([]);
    // What a package installs is written by "rollcall service install" too: one text for both.
    const texts = ['environment-text', 'launcher', 'places', 'unit', 'wrapper'].map((name) => `agent/os-service/systemd/${name}.ts`);
    expect([...new Set(inside.map(({ target }) => target))].sort()).toEqual(['agent/build-facts.ts', ...texts, 'package.json']);
  });

  it('files are imported with their extension', () => {
    expect(described([...core, ...agent, ...installer].filter(({ target, isFile }) => isFile && !/\.(ts|json)$/.test(target)))).toEqual([]);
  });

  it('a PSA does not import another one', () => {
    const vendors = [...new Set(listFiles().flatMap((file) => /^agent\/psa\/([^/]+)\//.exec(file)?.[1] ?? []))];
    // What they share lies beside them.
    const isShared = (target: string) => /^agent\/psa\/[^/]+\.ts$/.test(target) && target !== 'agent/psa/registry.ts';
    const wrong = agent.filter(({ from, target }) =>
      vendors.some(
        (vendor) =>
          from.startsWith(`agent/psa/${vendor}/`) &&
          target.startsWith('agent/psa/') &&
          !target.startsWith(`agent/psa/${vendor}/`) &&
          !isShared(target),
      ),
    );

    expect(vendors).toContain('bms');
    expect(described(wrong)).toEqual([]);
  });

  it('commands and the pipeline talk to ports, not to adapters', () => {
    const adapters = ['agent/directory', 'agent/it-glue', 'agent/psa', 'agent/http', 'agent/store'];
    const wrong = agent.filter(({ from, target }) => within(['agent/cli', 'agent/pipeline'], from) && within(adapters, target));

    expect(described(wrong)).toEqual([]);
  });

  it('only compose.ts wires an adapter to another part, and an adapter knows no other one', () => {
    const adapters = ['agent/directory', 'agent/it-glue', 'agent/psa', 'agent/store'];
    const wrong = agent.filter(({ from, target }) =>
      adapters.some(
        (own) =>
          from.startsWith(`${own}/`) &&
          within([...adapters.filter((other) => other !== own), 'agent/cli', 'agent/pipeline', 'agent/config'], target),
      ),
    );

    expect(described(wrong)).toEqual([]);
  });

  it('a package for one purpose stays in its folder', () => {
    const homes: Readonly<Record<string, string>> = {
      ldapts: 'agent/directory/',
      undici: 'agent/http/',
      kysely: 'agent/store/',
      pg: 'agent/store/',
      'pg-boss': 'agent/store/',
      'node:sqlite': 'agent/store/',
      winston: 'agent/telemetry/',
      conf: 'agent/config/',
      commander: 'agent/cli/',
      'nodemailer/lib/smtp-connection': 'agent/notify/',
      'nodemailer/lib/mail-composer': 'agent/notify/',
    };
    const wrong = agent.filter(({ from, target }) => {
      const home = homes[target];
      return home !== undefined && !from.startsWith(home);
    });

    expect(described(wrong)).toEqual([]);
  });

  it('the process is ended at its edge only', () => {
    const edges = ['agent/main.ts', 'agent/cli/run-process.ts', 'agent/service/job-worker.ts'];

    expect(described(agent.filter(({ from, target }) => target === 'node:process' && !edges.includes(from)))).toEqual([]);
  });
});
