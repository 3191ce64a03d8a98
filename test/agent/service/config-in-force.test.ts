import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { inForceAtStart, keepLastGood, loadStartConfig, restartNote } from '../../../agent/service/config-in-force.ts';
import { type Json, smallestConfig, temporaryFolder, withValue } from '../config/config-file.ts';

let folder: ReturnType<typeof temporaryFolder>;
let state: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  state = temporaryFolder();
  file = folder.write('config.json', smallestConfig());
});

afterEach(() => {
  folder.dispose();
  state.dispose();
});

/** A service ran with the file as it is. */
async function ranBefore(): Promise<void> {
  await keepLastGood(await loadConfig(file), state.path);
}

function edit(path: readonly string[], value: unknown): Json {
  const edited = withValue(smallestConfig(), path, value);
  folder.write('config.json', edited);
  return edited;
}

describe('S3 the configuration that a service starts with', () => {
  it('is the file at its first start', async () => {
    const start = await loadStartConfig(file, state.path);

    expect(start).toMatchObject({ refused: null, lastGood: null, loaded: { file } });
  });

  it.each([
    ['not JSON', () => folder.write('config.json', '{ "collector": '), 'CONFIG_NOT_JSON'],
    ['not right', () => edit(['shedule'], {}), 'CONFIG_INVALID'],
    ['not there', () => rmSync(file), 'CONFIG_NOT_FOUND'],
  ])('is the one of before when the file is %s; without one of before there is none', async (_name, spoil, code) => {
    await ranBefore();
    spoil();

    const start = await loadStartConfig(file, state.path);

    expect(start.refused).toMatchObject({ code });
    expect(start.loaded.config.collector.organization).toBe('4711');
    expect(start.loaded.file, 'the place that is to be mended').toBe(file);
    rmSync(join(state.path, 'config.last-good.json'));
    await expect(loadStartConfig(file, state.path)).rejects.toMatchObject({ code });
  });

  it('reads relative paths of the copy from the folder of the file', async () => {
    await ranBefore();
    rmSync(file);

    const { loaded } = await loadStartConfig(file, state.path);

    expect(loaded.config.directories[0]).toMatchObject({ file: join(folder.path, 'users.ldif') });
  });

  it.each([
    ['damaged', '{ "collector"'],
    ['of another version', '{ "unheardOf": 1 }'],
  ])('is the file alone when the copy is %s', async (_name, text) => {
    await ranBefore();
    writeFileSync(join(state.path, 'config.last-good.json'), text);

    expect(await loadStartConfig(file, state.path)).toMatchObject({ refused: null, lastGood: null });
  });

  it('holds an edit that was made while no service ran until it is looked at, but for what a start decides', async () => {
    await ranBefore();
    folder.write('config.json', {
      ...withValue(smallestConfig(), ['collector', 'organization'], '4712'),
      store: { path: 'other.db' },
      log: { level: 'debug', directory: 'logs' },
    });

    const { config } = inForceAtStart(await loadStartConfig(file, state.path));

    expect(config.collector.organization).toBe('4711');
    expect(config.log.level).toBe('info');
    expect(config.store.path).toBe(join(folder.path, 'other.db'));
    expect(config.log.directory).toBe(join(folder.path, 'logs'));
  });
});

describe('the copy of the configuration in force', () => {
  it('is what was read, also when the file is another one by now, and for its account alone', async () => {
    const loaded = await loadConfig(file);
    folder.write('config.json', '{ "half": ');

    await keepLastGood(loaded, state.path);

    const copy = join(state.path, 'config.last-good.json');
    expect(JSON.parse(readFileSync(copy, 'utf8'))).toEqual(smallestConfig());
    if (process.platform !== 'win32') expect(statSync(copy).mode & 0o777).toBe(0o600);
  });

  it('that cannot be kept leaves the one of before', async () => {
    await ranBefore();
    const copy = join(state.path, 'config.last-good.json');
    const before = readFileSync(copy, 'utf8');
    const loaded = await loadConfig(file);

    await expect(keepLastGood(loaded, join(state.path, 'nowhere'))).rejects.toThrow(/ENOENT/);

    expect(readFileSync(copy, 'utf8')).toBe(before);
  });
});

describe('an edit of what a start decides', () => {
  it.each([
    [['store', 'path'], 'other.db', /store\.path/],
    [['store', 'url'], 'postgres://me@db.example.test/hub', /store\.url/],
    [['log', 'directory'], 'logs', /log files/],
    [['log', 'maxSizeMb'], 5, /log files/],
    [['log', 'level'], 'debug', null],
    [['schedule', 'scan'], '0 6 * * *', null],
  ])('of %j waits for a restart, and that is said: %s', async (path, value, said) => {
    const { config: before } = await loadConfig(file);
    edit(path, value);
    const { config: fresh } = await loadConfig(file);

    const note = restartNote(before, fresh);

    if (said === null) expect(note).toBeNull();
    else expect(note).toMatch(said);
  });
});
