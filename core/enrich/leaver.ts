import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { LeaverKind, LeaverRule } from '../model/settings.ts';
import type { LeaverSince } from '../model/state.ts';
import type { Moment } from '../model/time.ts';

const dayMs = 86_400_000;

/** A user who left, with the rule of the configuration for it (E8). */
export interface Leaver extends LeaverSince {
  readonly rule: LeaverRule;
  /** When the rule's days are over. */
  readonly actsAt: Moment;
  /** They are, and the rule asks for something: it is carried out. */
  readonly acts: boolean;
}

/** The setting that a way to leave has. */
export const leaverSettings: Readonly<Record<LeaverKind, 'onDisabled' | 'onGone' | 'onMissing'>> = {
  disabled: 'onDisabled',
  gone: 'onGone',
  missing: 'onMissing',
};

/**
 * How a user left; `null`: it did not; `unknown`: nothing is concluded about a user who is absent or out of scope. `Expired` is
 * no way to leave: E8 speaks of the disabled, accounts of contractors expire and are prolonged, and a rule of
 * `contactTypeRules` can name that status.
 */
export function leaverKindOf(user: Pick<DirectoryUser, 'presence'>, status: AdStatus): LeaverKind | 'unknown' | null {
  switch (user.presence) {
    case 'gone':
    case 'missing':
      return user.presence;
    case 'present':
      return status === 'Disabled' ? 'disabled' : null;
    case 'absent':
    case 'out':
      return 'unknown';
  }
}

/** Since when the user is a leaver, as it is to be remembered: counted from the first sight, and again from it for another kind. */
export function sightLeaver(kind: ReturnType<typeof leaverKindOf>, known: LeaverSince | null, now: Moment): LeaverSince | null {
  if (kind === 'unknown') return known;
  if (kind === null) return null;
  if (known?.kind === kind) return known;
  return { kind, since: now, leftAt: known?.leftAt ?? now };
}

/** The leaver that a user is now, and whether its rule acts; `null`: it did not leave, or nothing is known of it. */
export function leaverOf(
  kind: ReturnType<typeof leaverKindOf>,
  since: LeaverSince | null,
  { rules, now }: { readonly rules: Readonly<Record<LeaverKind, LeaverRule>>; readonly now: Moment },
): Leaver | null {
  if (since === null || kind !== since.kind) return null;
  const rule = rules[since.kind];
  const actsAt = since.since + rule.afterDays * dayMs;
  return { ...since, rule, actsAt, acts: asksForSomething(rule) && now >= actsAt };
}

export function asksForSomething(rule: LeaverRule): boolean {
  return rule.contactType !== '' || rule.psaInactive;
}

/** The leaver in words: `contacts.onDisabled: disabled since 2026-11-01`. */
export function leaverWords({ kind, since, rule }: Leaver): string {
  const days = rule.afterDays === 0 ? '' : `, ${rule.afterDays} days or more`;
  return `contacts.${leaverSettings[kind]}: ${kind} since ${new Date(since).toISOString().slice(0, 10)}${days}`;
}
