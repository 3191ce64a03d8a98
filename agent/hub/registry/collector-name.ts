import { foldCase } from '../../../core/normalize/case-fold.ts';

/** What is equal for names of collectors that a person would take for one. */
export function nameKey(name: string): string {
  return foldCase(name.trim().normalize('NFC'));
}
