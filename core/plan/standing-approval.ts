import type { Guard, LetThrough } from '../model/plan.ts';
import { type StandingApproval, standingKinds } from '../model/settings.ts';

/** What a standing approval is asked about. */
export interface StandingQuestion {
  /** Why the plan would be held; empty: it would not. */
  readonly reasons: readonly string[];
  readonly guards: readonly Guard[];
  /** The organization's first sync was let through by a person, or needed none. */
  readonly onboarded: boolean;
  readonly policy: StandingApproval | undefined;
}

/**
 * Whether the settings let a plan through that would be held (A3): it exceeds only guards that they name, of those that can be named at
 * all, and creates and changes no more contacts in all than they say. Never a first sync, and nothing that a second push or any other
 * reason holds. `null`: a person decides.
 */
export function standingApproval({ reasons, guards, onboarded, policy }: StandingQuestion): LetThrough | null {
  if (policy === undefined || reasons.length === 0 || !onboarded) return null;
  const named: readonly string[] = standingKinds.filter((kind) => policy.kinds.includes(kind));
  const exceeded = guards.filter((guard) => guard.exceeded);
  const isCovered = reasons.every((reason) => named.includes(reason)) && exceeded.every(({ kind }) => named.includes(kind));
  const contacts = guards.reduce((sum, { kind, count }) => (kind === 'create' || kind === 'update' ? sum + count : sum), 0);
  if (!isCovered || contacts > policy.most) return null;
  return { rule: 'limits.standingApproval', kinds: exceeded.map(({ kind }) => kind), contacts, most: policy.most };
}

/** For whoever reads the plan. */
export function letThroughNotice({ rule, kinds, contacts, most }: LetThrough): string {
  return `Beyond the limit of ${kinds.join(', ')}, and let through by ${rule}: it creates and changes ${contacts} contacts, at most ${most} are allowed so`;
}
