import { describe, expect, it } from 'vitest';
import { listFiles, readText } from './tree.ts';

const generated = ['package-lock.json', 'agent/config/rollcall.schema.json'];
const files = listFiles();
const texts = files.filter((file) => !generated.includes(file)).map((file) => [file, readText(file)] as const);

/** Lines that the pattern finds, as `FILE:LINE`. */
function find(pattern: RegExp, among = texts): readonly string[] {
  return among.flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('the tree', () => {
  it('has nothing at the top but what belongs there', () => {
    const top = [...new Set(files.map((file) => file.split('/')[0] ?? ''))].filter((name) => !name.startsWith('.'));

    expect(top.sort()).toEqual([
      'LICENSE',
      'README.md',
      'agent',
      'core',
      'installer',
      'package-lock.json',
      'package.json',
      'test',
      'tsconfig.json',
    ]);
  });

  it('names no place of the machine that it was written on', () => {
    // Put together here so that this file is not its own finding.
    const places = new RegExp(['work', 'workspace', 'Users', 'root', 'mnt'].map((name) => `(?<![\\w.:/-])/${name}/`).join('|'));

    expect(find(places)).toEqual([]);
  });

  it('leaves nothing for later in comments', () => {
    const words = new RegExp(`\\b(?:${['TO', 'FIX', 'X'].map((start, index) => start + ['DO', 'ME', 'XX'][index]).join('|')})\\b`);

    expect(find(words)).toEqual([]);
  });

  it('keeps files short', () => {
    const product = texts.filter(([file]) => /^(core|agent|installer)\/.*\.ts$/.test(file));
    const long = product.filter(([, text]) => text.split('\n').filter((line) => line.trim() !== '').length > 400).map(([file]) => file);

    expect(product.length).toBeGreaterThan(150);
    expect(long).toEqual([]);
  });

  it('has no files named after nothing, and no barrels', () => {
    const names = /(^|\/)(utils?|helpers?|common|misc|shared|index)\.ts$/;

    expect(files.filter((file) => names.test(file))).toEqual([]);
    expect(
      find(
        /^export (?:\*|\{[^}]*\}) from /,
        texts.filter(([file]) => /^(core|agent|installer)\//.test(file)),
      ),
    ).toEqual([]);
  });

  it('has no test that was narrowed, or left out without a reason', () => {
    const tests = texts.filter(([file]) => /^test\/.*\.ts$/.test(file) && !file.startsWith('test/meta/'));

    expect(find(/\b(?:it|describe|test)\.(?:only|todo|fails)\b/, tests)).toEqual([]);
    expect(find(/\b(?:it|describe|test)\.skip\(/, tests)).toEqual([]);
  });

  it('mocks no modules and takes no snapshots', () => {
    const tests = texts.filter(([file]) => /^test\/.*\.ts$/.test(file) && !file.startsWith('test/meta/'));

    expect(find(/\bvi\.(?:mock|doMock)\(|\.toMatch(?:Inline)?Snapshot\(/, tests)).toEqual([]);
  });
});
