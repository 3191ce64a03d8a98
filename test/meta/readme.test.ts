import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../agent/cli/exit-codes.ts';
import { parseWords } from '../../agent/cli/program.ts';
import { configJsonSchema } from '../../agent/config/json-schema.ts';
import { loadConfig } from '../../agent/config/load-config.ts';
import { errorTable } from '../../core/error-table.ts';
import { listFiles, readText } from './tree.ts';

const readme = readText('README.md');

/** The cells of the table whose head line is given, without backticks. */
function tableUnder(head: string): readonly (readonly string[])[] {
  const lines = readme.split('\n');
  const start = lines.indexOf(head);
  if (start < 0) throw new Error(`README.md has no table "${head}"`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Calls the program's parser with words that print help, and reads the commands out of it. */
async function namesInHelp(words: readonly string[]): Promise<readonly string[]> {
  const told = await parseWords([...words, '--help'], { version: '0', width: 100 });
  const lines = told.kind === 'text' ? told.text.split('\n') : [];
  return lines.flatMap((line) => /^ {2}([a-z][a-z-]*)(?: [[<].*?)? {2,}\S/.exec(line)?.[1] ?? []).filter((name) => name !== 'help');
}

describe('the README', () => {
  it('lists every error code with its exit code and its remedy, and no other', () => {
    const told = tableUnder('| code | exit | what to do |').map(([code = '', exit, hint]) => [codesIn(code)[0], Number(exit), hint]);
    const known = Object.entries(errorTable).map(([code, { exit, hint }]) => [code, exit, hint]);

    expect(told).toEqual(known);
  });

  it('names only error codes that exist', () => {
    const named = [...readme.matchAll(/`((?:CONFIG|SECRET|VAULT|STORE|DIRECTORY|LDIF|ITGLUE|PSA|PLAN|RUN|USER|CONTACT|RECORD)_[A-Z_]+)`/g)];
    const unknown = named.map(([, code = '']) => code).filter((code) => !Object.hasOwn(errorTable, code));

    expect(unknown).toEqual([]);
  });

  it('lists every command of the program, and no other', async () => {
    const names = await namesInHelp([]);
    const groups = {
      contacts: await namesInHelp(['contacts']),
      runs: await namesInHelp(['runs']),
      notify: await namesInHelp(['notify']),
      secret: await namesInHelp(['secret']),
      hub: await namesInHelp(['hub']),
      store: await namesInHelp(['store']),
      service: await namesInHelp(['service']),
    };
    const known = names.flatMap((name) => (name in groups ? groups[name as keyof typeof groups].map((own) => `${name} ${own}`) : [name]));
    const told = tableUnder('| command | does |').map(([cell = '']) => /^`rollcall ((?:[a-z]|[ -](?=[a-z]))+)/.exec(cell)?.[1] ?? cell);

    expect(known.length).toBeGreaterThan(15);
    expect([...told].sort()).toEqual([...known].sort());
  });

  it.each(tableUnder('| command | does |').map(([cell = '']) => codesIn(cell)[0] ?? ''))('understands "%s" as it stands', async (line) => {
    const words = line
      .split(' ')
      .slice(1)
      .flatMap((word) => examples[word.replace(/[[\]]/g, '')] ?? [word.replace(/[[\]]/g, '')]);

    const invocation = await parseWords(words, { version: '0', width: 100 });

    expect(invocation.kind).not.toBe('text');
  });

  it('lists every exit code', () => {
    const told = tableUnder('| exit | means |').map(([exit]) => Number(exit));

    expect(told).toEqual(Object.values(exitCodes).sort((left, right) => left - right));
  });

  it('lists every setting of the configuration, and no other', () => {
    const rows = tableUnder('| key | default | effect |');
    const told = rows.flatMap(([keys = '']) => codesIn(keys));
    const known = settingsOf(configJsonSchema(), '');

    const covers = (key: string, path: string): boolean => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[]`);

    expect(told.filter((key) => !known.some((path) => covers(key, path)))).toEqual([]);
    expect(known.filter((path) => !told.some((key) => covers(key, path)))).toEqual([]);
  });

  it('tells the defaults of settings that have a default of their own', () => {
    const defaults = new Map(defaultsOf(configJsonSchema(), ''));
    const rows = tableUnder('| key | default | effect |').flatMap(([keys = '', value = '']) => {
      const values = codesIn(value);
      return codesIn(keys).map((key, index) => [key, values.length === 1 ? values[0] : values[index]] as const);
    });
    const wrong = rows.filter(([key, told]) => {
      const known = defaults.get(key);
      return known !== undefined && told !== undefined && isJson(told) && JSON.stringify(JSON.parse(told)) !== known;
    });

    expect(rows.length).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = [...readme.matchAll(/npm (?:run )?(?:--silent )?([a-z:-]+)/g)].map(([, name = '']) => name);

    for (const name of named.filter((word) => !['run', 'and', 'test', 'ci'].includes(word) && !word.startsWith('-'))) {
      expect(Object.keys(scripts)).toContain(name);
    }
  });

  it('links to files that there are', () => {
    const files = new Set(listFiles());
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => posix.normalize(link));

    expect(links.filter((link) => !link.startsWith('http') && !files.has(link))).toEqual([]);
  });
});

describe("the README's example of a configuration", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it('is accepted as it stands', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-readme-'));
    folders.push(folder);
    const text = /<!-- example configuration -->\n```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    writeFileSync(join(folder, 'config.json'), text);

    const { config, notices } = await loadConfig(join(folder, 'config.json'));

    expect(config.directories[0]).toMatchObject({ type: 'active-directory', password: 'vault:corp' });
    expect(config.psa.type).toBe('bms');
    expect(notices).toEqual([]);
  });
});

/** What stands for the words in capitals. */
const examples: Readonly<Record<string, readonly string[]>> = {
  DAYS: ['90'],
  HASH: ['0a1b2c'],
  STATE: ['unmatched'],
  TEXT: ['lind'],
  NAME: ['acme-hq'],
  USER: ['nora.linden'],
  'USER…': ['nora.linden', 'ivo.radic'],
  CONTACT: ['1017'],
  'CONTACT…': [],
  COUNT: ['5'],
  RUN: ['3'],
  TIME: ['24h'],
  OUTCOME: ['failed'],
  ID: ['4711'],
  'CIDR…': ['10.20.0.0/24'],
  SPAN: ['24h'],
  URL: ['https://hub.example.test:7443'],
  TARGET: ['postgres://rollcall@db.example.com/rollcall'],
  REFERENCE: ['vault:store'],
  ADDRESS: ['https://hub.example.test:7443'],
  CODE: ['0a1b2c'],
};

interface SchemaNode {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The paths of all settings, as the README writes them. */
function settingsOf(schema: unknown, path: string): readonly string[] {
  return [...new Set(walk(schema as SchemaNode, path).map(([found]) => found))];
}

function defaultsOf(schema: unknown, path: string): readonly (readonly [string, string])[] {
  return walk(schema as SchemaNode, path).flatMap(([found, node]) =>
    node.default === undefined ? [] : [[found, JSON.stringify(node.default)] as const],
  );
}

function walk(node: SchemaNode, path: string): readonly (readonly [string, SchemaNode])[] {
  const variants = node.oneOf ?? node.anyOf;
  if (variants !== undefined) return variants.flatMap((variant) => walk(variant, path));
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([name, child]) => walk(child, path === '' ? name : `${path}.${name}`));
  }
  const { items } = node;
  const holdsSettings = items !== undefined && (items.properties ?? items.oneOf ?? items.anyOf) !== undefined;
  return holdsSettings ? walk(items, `${path}[]`) : [[path, node]];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
