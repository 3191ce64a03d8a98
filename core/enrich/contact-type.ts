import { canonicalDn, createSubtreeTest, dnsNameOf } from '../active-directory/distinguished-name.ts';
import type { NamedType } from '../model/contact.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import { type ContactTypeRule, leaverKinds, type OrganizationSettings } from '../model/settings.ts';
import { nameKey } from '../normalize/person-name.ts';
import { type Leaver, leaverSettings, leaverWords } from './leaver.ts';

/** What contact type and important flag a user's contact is to have, and which setting says so (E2, E8, E10). */
export interface TypeChoice {
  readonly rule: 'E2' | 'E8' | 'E10';
  /** `null`: no type is named, or it cannot be told. */
  readonly contactType: NamedType | null;
  /** `null`: the flag is left as it is. */
  readonly important: boolean | null;
  /** The type is that of `psa.contactType`: a mere default, so another one is no difference worth showing. */
  readonly byDefault: boolean;
  /** It is known what the settings want, a type or none; else the contact keeps what it has. */
  readonly decided: boolean;
  /** The setting that decided, in words. */
  readonly why: string;
}

/** The settings about contact types, looked up and made ready once for all users of a plan. */
export interface TypeRules {
  choose(user: DirectoryUser, status: AdStatus, leaver: Leaver | null): TypeChoice;
  /** Names that IT Glue does not have, each with the settings that use it. */
  readonly unknown: readonly { readonly name: string; readonly settings: readonly string[] }[];
  /** Ids of the types that leavers get. */
  readonly leaverTypes: ReadonlySet<string>;
  /** Canonical DNs of the groups that the rules name → as the operator wrote them. */
  readonly groups: ReadonlyMap<string, string>;
}

/** Whether a condition holds; `unknown`: the members of its group were not read. */
type Verdict = boolean | 'unknown';

interface ReadyRule {
  readonly holds: (user: DirectoryUser, status: AdStatus) => Verdict;
  readonly isStatus: boolean;
  readonly choice: TypeChoice;
  /** Of a user of whom it cannot be told. */
  readonly undecided: TypeChoice;
}

const undecided = { contactType: null, important: null, byDefault: false, decided: false } as const;

/** Makes the settings of `contacts.contactTypeRules`, `psa.contactType` and the leavers' types ready. */
export function makeTypeRules({ contacts, psa }: OrganizationSettings, contactTypes: readonly NamedType[]): TypeRules {
  const types = new TypeNames(contactTypes);
  const fallback: TypeChoice =
    psa.contactType === ''
      ? { rule: 'E10', contactType: null, important: null, byDefault: true, decided: true, why: 'no rule names a contact type' }
      : { rule: 'E2', ...types.named(psa.contactType, 'psa.contactType'), important: null, byDefault: true };
  const rules = contacts.contactTypeRules.map((rule, index) => readyRule(rule, `contacts.contactTypeRules[${index}]`, { types, fallback }));
  const groups = new Map(
    contacts.contactTypeRules.flatMap(({ when }) => ('group' in when ? [[groupKey(when.group), when.group] as const] : [])),
  );
  const leaverTypes = new Map(
    leaverKinds.map((kind) => [kind, types.named(contacts.leavers[kind].contactType, `contacts.${leaverSettings[kind]}`)]),
  );
  const untouched: TypeChoice = { ...undecided, rule: 'E8', why: 'a user who left keeps the type' };

  function byRules(user: DirectoryUser, status: AdStatus, onlyStatus: boolean): TypeChoice | null {
    for (const rule of rules) {
      if (onlyStatus && !rule.isStatus) continue;
      const verdict = rule.holds(user, status);
      if (verdict !== false) return verdict === true ? rule.choice : rule.undecided;
    }
    return null;
  }

  /** Group and OU of a deleted user are what they were: only a rule about the status speaks of today. */
  function byPresence(user: DirectoryUser, status: AdStatus): TypeChoice {
    if (user.presence === 'missing') return untouched;
    return user.presence === 'gone' ? (byRules(user, status, true) ?? untouched) : (byRules(user, status, false) ?? fallback);
  }

  return {
    unknown: types.unknown(),
    leaverTypes: new Set([...leaverTypes.values()].flatMap(({ contactType }) => contactType?.id ?? [])),
    groups,
    choose(user, status, leaver) {
      const choice = byPresence(user, status);
      if (leaver === null || !leaver.acts || leaver.rule.contactType === '') return choice;
      const type = leaverTypes.get(leaver.kind);
      const lacks = type?.contactType === null ? `, but ${lacking(leaver.rule.contactType)}` : '';
      return { ...choice, ...type, rule: 'E8', byDefault: false, why: `${leaverWords(leaver)}${lacks}` };
    },
  };
}

/** The one form under which equal groups are equal. */
function groupKey(dn: string): string {
  return canonicalDn(dn) ?? dn.trim().toLowerCase();
}

function readyRule(
  { when, contactType, important }: ContactTypeRule,
  setting: string,
  { types, fallback }: { readonly types: TypeNames; readonly fallback: TypeChoice },
): ReadyRule {
  const words = `${setting} (${conditionWords(when)})`;
  const { why, ...type } = types.named(contactType, setting, words);
  const byDefault = contactType === '';
  const choice: TypeChoice = { rule: 'E10', ...(byDefault ? fallbackType(fallback) : type), byDefault, important, why };
  const unread = `it is not known whether the user is in the group of ${setting}: no read asked for it yet`;
  return { holds: conditionOf(when), isStatus: 'status' in when, choice, undecided: { ...undecided, rule: 'E10', why: unread } };
}

function conditionWords(when: ContactTypeRule['when']): string {
  if ('group' in when) return `group ${when.group}`;
  return 'ou' in when ? `OU ${when.ou}` : `status ${when.status}`;
}

function conditionOf(when: ContactTypeRule['when']): ReadyRule['holds'] {
  if ('status' in when) return (_user, status) => status === when.status;
  if ('ou' in when) {
    const isWithin = createSubtreeTest(when.ou);
    return (user) => isWithin(user.dn);
  }
  const key = groupKey(when.group);
  const domain = dnsNameOf(when.group);
  return (user) => {
    if (user.groups.includes(key)) return true;
    // The group of another domain is asked of that domain's directory, for the users of that directory.
    return user.groupsRead.includes(key) || dnsNameOf(user.dn) !== domain ? false : 'unknown';
  };
}

function fallbackType({ contactType, decided }: TypeChoice): Pick<TypeChoice, 'contactType' | 'decided'> {
  return { contactType, decided };
}

function lacking(name: string): string {
  return `IT Glue has no contact type "${name}"`;
}

/** Contact types by name, and which settings name one that is not there. */
class TypeNames {
  readonly #byName = new Map<string | null, NamedType>();
  readonly #missing = new Map<string, string[]>();

  constructor(types: readonly NamedType[]) {
    for (const type of types) {
      const key = nameKey(type.name);
      if (!this.#byName.has(key)) this.#byName.set(key, type);
    }
  }

  /** The type that a setting names; none when it names none. `words`: the setting, for people. */
  named(name: string, setting: string, words = setting): Pick<TypeChoice, 'contactType' | 'decided' | 'why'> {
    if (name === '') return { contactType: null, decided: true, why: words };
    const contactType = this.#byName.get(nameKey(name)) ?? null;
    if (contactType !== null) return { contactType, decided: true, why: words };
    this.#missing.set(name, [...(this.#missing.get(name) ?? []), setting]);
    return { contactType, decided: false, why: `${words}, but ${lacking(name)}` };
  }

  unknown(): TypeRules['unknown'] {
    return [...this.#missing].map(([name, settings]) => ({ name, settings }));
  }
}
