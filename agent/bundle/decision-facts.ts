import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { UserDecision } from '../../core/plan/decision.ts';
import { explainSteps } from '../pipeline/explain-steps.ts';
import type { StoreInspection } from '../store/inspect-store.ts';
import { boolean, list, moment, named, object, oneOf, presence, type Rule, ruleId, size } from './allow.ts';
import { adStatuses, changeKinds, fields, matchStates, missingForPush, presences, psaStates, stages } from './known-words.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { json } from './store-facts.ts';

/** So many users are told one by one. */
const mostUsers = 200;

export interface DecisionFacts {
  /** How many users each rule decided how, by organization. */
  readonly summary: unknown;
  /** Users for whom something is not as it should be: what each rule decided, without the person. */
  readonly users: unknown;
}

/** Goes once through what the newest plans decided. */
export function decisionFacts(store: StoreInspection, names: Pseudonyms): DecisionFacts {
  const organizations = new Map<string, Record<string, Record<string, number>>>();
  const users: unknown[] = [];
  let inTrouble = 0;
  const reduced = json(decisionRule(names));
  const { code: failed } = store.each('select organization, decided_at, body from decision', (row) => {
    const facts = reduced(row['body']) as Facts | null | undefined;
    if (facts == null) return;
    const organization = names.of('org', String(row['organization']));
    const sums = organizations.get(organization) ?? {};
    organizations.set(organization, sums);
    count(sums, facts);
    const troubles = troublesOf(facts);
    if (troubles.length === 0) return;
    inTrouble += 1;
    if (users.length >= mostUsers) return;
    users.push({ organization, decidedAt: moment(row['decided_at']), troubles, ...facts, steps: stepsOf(String(row['body'])) });
  });
  return {
    summary: { error: failed, organizations: Object.fromEntries(organizations) },
    users: { error: failed, inTrouble, shown: users.length, users },
  };
}

/** What is left of a decision. Members that a decision of another version lacks are missing here too. */
interface Facts {
  readonly status?: string | null;
  readonly user?: { readonly presence?: string | null } | null;
  readonly match?: {
    readonly state?: string;
    readonly rule?: string | null;
    readonly ambiguous?: boolean;
    readonly contested?: boolean;
    readonly returned?: boolean;
  } | null;
  readonly create?: { readonly create?: boolean; readonly rule?: string } | null;
  readonly enrich?: readonly ({ readonly field?: string; readonly action?: string } | null)[];
  readonly owned?: boolean;
  readonly conflicts?: readonly unknown[];
  readonly psa?: { readonly state?: string; readonly missing?: readonly (string | null)[] } | null;
}

function decisionRule(names: Pseudonyms): Rule {
  const candidate = object({ contactId: named('contact', names), step: ruleId, evidence: size });
  const compared = object({ email: presence, firstName: presence, lastName: presence, contactsWithEmail: few, contactsWithName: few });
  return object({
    user: object({
      id: named('user', names),
      directory: named('directory', names),
      presence: oneOf(presences),
      collectors: size,
      readComplete: boolean,
      isOwnAccount: boolean,
      person: object({
        firstName: presence,
        lastName: presence,
        title: presence,
        email: presence,
        phone: presence,
        office: presence,
        mailbox: oneOf(['user', 'shared', 'room', 'equipment', 'system', 'other']),
      }),
    }),
    status: oneOf(adStatuses),
    match: object({
      state: oneOf(matchStates),
      rule: ruleId,
      contactId: named('contact', names),
      contactPlace: oneOf(['listed', 'moved', 'unknown']),
      isNew: boolean,
      ambiguous: boolean,
      contested: boolean,
      returned: boolean,
      compared,
      candidates: list(candidate, 20),
      rivals: list(named('user', names), 20),
    }),
    create: object({ create: boolean, rule: ruleId }),
    enrich: list(object({ field: oneOf(fields), action: oneOf(['write', 'keep', 'conflict']) }), 20),
    location: presence,
    owned: presence,
    conflicts: list(object({ field: oneOf(fields), ours: presence, theirs: presence, with: oneOf(['it-glue', 'psa']) }), 20),
    psa: object({
      badge: boolean,
      state: oneOf(psaStates),
      missing: list(oneOf(missingForPush), 10),
      candidates: list(named('record', names), 20),
    }),
    changes: (value) => (Array.isArray(value) ? value.map((id) => oneOf(changeKinds)(String(id).split(':')[0]) ?? null) : undefined),
  });
}

/** How many, up to a hundred: more would be a number of its own kind. */
const few: Rule = (value) => (typeof value === 'number' ? Math.min(100, Math.max(0, Math.round(value))) : undefined);

function troublesOf({ match, conflicts, psa, owned }: Facts): readonly string[] {
  const flags: Readonly<Record<string, boolean>> = {
    ambiguous: match?.ambiguous === true,
    contested: match?.contested === true,
    returned: match?.returned === true,
    conflicts: (conflicts?.length ?? 0) > 0,
    ownedElsewhere: owned === true,
    psaHeld: psa?.state === 'held',
    notEligible: psa?.state === 'not-eligible',
  };
  return Object.keys(flags).filter((name) => flags[name] === true);
}

function count(sums: Record<string, Record<string, number>>, facts: Facts): void {
  const add = (what: string, name: string): void => {
    const group = (sums[what] ??= {});
    group[name] = (group[name] ?? 0) + 1;
  };
  add('match', `${facts.match?.state ?? '?'} ${facts.match?.rule ?? 'by no rule'}`);
  add('adStatus', facts.status ?? '?');
  add('presence', facts.user?.presence ?? '?');
  if (facts.create != null) add('create', `${facts.create.create === true ? 'yes' : 'no'} ${facts.create.rule ?? '?'}`);
  for (const note of facts.enrich ?? []) add('enrich', `${note?.field ?? '?'} ${note?.action ?? '?'}`);
  add('psa', facts.psa?.state ?? '?');
  for (const missing of facts.psa?.missing ?? []) add('missingForPush', missing ?? '?');
  for (const trouble of troublesOf(facts)) add('trouble', trouble);
}

/** What `explain` tells, by rule ids alone. */
function stepsOf(body: string): unknown {
  try {
    const decision = JSON.parse(body) as UserDecision & { readonly user: DirectoryUser };
    const steps = explainSteps(decision.user, decision, { state: undefined, now: 0 });
    return list(object({ stage: oneOf(stages), rule: ruleId, decisive: boolean }), 50)(steps);
  } catch {
    // A decision of another version.
    return null;
  }
}
