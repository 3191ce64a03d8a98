import { describe, expect, it } from 'vitest';
import { listFiles, readText } from './tree.ts';

/** How many rules each letter has. */
const rules: Readonly<Record<string, number>> = { C: 11, D: 7, M: 11, E: 10, P: 12, A: 6, S: 4, H: 4 };
/** Traps of the LDAP library that are no rules: the suites of the directory name them by the same letter. */
const traps = ['P13', 'P14', 'P15'];
/** The rules that this version delivers. */
const delivered = [
  'C1 C2 C3 C5 C6 C7 C8 C11 D1',
  'M1 M2 M3 M4 M5 M6 M7 M9 M10 M11',
  'E1 E2 E3 E4 E5 E6 E7 E8 E9',
  'P1 P2 P3 P4 P5 P6 P7 P8 P10 P11 P12',
  'A1 A2 A3 A4 A5 A6',
].flatMap((line) => line.split(' '));

interface Named {
  readonly id: string;
  readonly where: string;
}

/** The ids in names of tests and of their cases. */
function idsInNames(): readonly Named[] {
  return listFiles()
    .filter((file) => /^test\/.*\.(test|contract)\.ts$/.test(file) && !file.startsWith('test/meta/'))
    .flatMap((file) =>
      [...readText(file).matchAll(/(['"`])([A-Z][1-9]\d?(?: [A-Z][1-9]\d?)*) [^\n]*?\1/g)].flatMap(([, , ids = '']) =>
        ids.split(' ').map((id) => ({ id, where: `${file}: ${ids}` })),
      ),
    );
}

function isRule(id: string): boolean {
  const number = Number(id.slice(1));
  return number >= 1 && number <= (rules[id.charAt(0)] ?? 0);
}

describe('rule ids', () => {
  const named = idsInNames();

  it('in the names of tests are ids of rules', () => {
    expect(named.length).toBeGreaterThan(200);
    expect(named.filter(({ id }) => !isRule(id) && !traps.includes(id)).map(({ where }) => where)).toEqual([]);
  });

  it.each(delivered)('%s has a test that names it', (rule) => {
    expect(named.map(({ id }) => id)).toContain(rule);
  });
});
