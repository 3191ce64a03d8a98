import type { SettingChange } from '../../config/diff-config.ts';
import type { View } from '../answer.ts';
import { plural } from '../terminal/format.ts';

/** `reload`: what an edit changed, and whom it takes in or leaves out. */
export interface ReloadDocument {
  readonly formatVersion: 1;
  readonly accepted: boolean;
  readonly changes: readonly SettingChange[];
  readonly scope: readonly {
    readonly directory: string;
    readonly takenIn: number;
    readonly leftOut: number;
    readonly names: { readonly takenIn: readonly string[]; readonly leftOut: readonly string[] };
    readonly unknown: string | null;
  }[];
  readonly removedInUse: readonly { readonly organization: string; readonly users: number }[];
}

/** The diff, then the people. */
export function renderReload({ changes, scope }: ReloadDocument, { style, sameOptions }: View): string {
  if (changes.length === 0)
    return `The file says what is in force already. When an edit took effect, and what it changed: rollcall runs${sameOptions}`;
  const settings = changes.map(({ path, from, to }) => `  ${path}  ${style.quiet(from ?? 'not set')} → ${to ?? 'not set'}`);
  const people = scope.map(({ directory, takenIn, leftOut, names, unknown }) => {
    if (unknown !== null) return `  ${directory}: whom the edit takes in or leaves out could not be found out (${unknown})`;
    const named = [...names.leftOut.map((name) => `− ${name}`), ...names.takenIn.map((name) => `+ ${name}`)];
    return [
      `  ${directory}: ${plural(leftOut, 'user')} would leave, ${plural(takenIn, 'user')} would come in`,
      ...named.map((name) => `    ${name}`),
    ].join('\n');
  });
  return [`${style.good('✔')} The edited configuration is in force.`, ...settings, ...people].join('\n');
}
