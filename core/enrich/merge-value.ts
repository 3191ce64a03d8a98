import type { FieldPolicy } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';

export interface MergeInput {
  /** What the directory says; `null` is blank. */
  readonly ours: string | null;
  /** What the contact has; `null` is blank. */
  readonly theirs: string | null;
  readonly base: FieldBase | undefined;
  readonly policy: FieldPolicy;
  /** Whether two values are the same for this field. */
  readonly same: (a: string, b: string) => boolean;
  /** Only what rollcall wrote may be replaced, not a value that both sides had when they met (E6). */
  readonly onlyWritten?: boolean;
}

export type MergeOutcome =
  | { readonly action: 'keep'; readonly base: FieldBase | null; readonly why: string }
  | { readonly action: 'write'; readonly value: string; readonly base: FieldBase; readonly why: string }
  | { readonly action: 'clear'; readonly base: FieldBase; readonly why: string }
  | { readonly action: 'conflict'; readonly why: string };

/**
 * Merges one field of an existing contact, three ways: what the directory says, what the contact has, and what both had in common
 * last (E4). Never replaces a value that rollcall did not write or both sides did not share, unless the policy is `overwrite`.
 */
export function mergeValue(input: MergeInput): MergeOutcome {
  const { ours, theirs, base, policy, same } = input;
  const everWritten = base?.origin === 'written' || base?.everWritten === true;
  const written = (value: string): FieldBase => ({ value, origin: 'written', everWritten: true });

  if (policy === 'never') return { action: 'keep', base: null, why: 'its policy is never' };
  if (ours === null) return mergeBlank(input, everWritten);
  if (theirs !== null && same(ours, theirs)) {
    const origin = base !== undefined && same(base.value, theirs) ? base.origin : 'equal';
    return { action: 'keep', base: { value: theirs, origin, ...(everWritten ? { everWritten } : {}) }, why: 'it is the same already' };
  }
  if (policy === 'overwrite') return { action: 'write', value: ours, base: written(ours), why: 'its policy is overwrite' };
  if (theirs === null) {
    return everWritten
      ? { action: 'keep', base: null, why: 'a person cleared what rollcall had written' }
      : { action: 'write', value: ours, base: written(ours), why: 'it is blank in the contact' };
  }
  if (base !== undefined && same(base.value, theirs) && (base.origin === 'written' || input.onlyWritten !== true)) {
    return { action: 'write', value: ours, base: written(ours), why: 'nobody changed it since the last sync, the directory did' };
  }
  return { action: 'conflict', why: 'the contact has another value, which rollcall did not write' };
}

function mergeBlank({ theirs, base, policy, same }: MergeInput, everWritten: boolean): MergeOutcome {
  if (policy === 'clear' && theirs !== null && base?.origin === 'written' && same(base.value, theirs)) {
    return { action: 'clear', base: { value: '', origin: 'equal' }, why: 'its policy is clear, and rollcall wrote the value' };
  }
  return { action: 'keep', base: null, why: everWritten ? 'an empty directory value clears nothing' : 'the directory has no value' };
}
