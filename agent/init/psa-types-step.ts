import { RollcallError } from '../../core/errors.ts';
import type { NamedType } from '../../core/model/contact.ts';
import type { Psa, PsaFields } from '../../core/ports/psa.ts';
import type { InitContext } from './init-context.ts';
import { missing } from './init-context.ts';

export interface ChosenTypes {
  /** Empty: none; contacts go without e-mail addresses. */
  readonly emailType: string;
  /** Empty: none; contacts go without phone numbers. */
  readonly phoneType: string;
}

/** What tenants call the type that a business address or number has, the likeliest first; the others are ConnectWise's own names. */
const usual = {
  'e-mail': ['work', 'email', 'e-mail'],
  phone: ['work', 'direct', 'phone - direct', 'phone'],
} as const;

/** The answer that stands for "not sent", where the PSA takes contacts without. */
const noType = 'none';

/** The e-mail and phone types to write, by the names that the PSA has. */
export async function chooseTypes(context: InitContext, psa: Psa, company: NamedType): Promise<ChosenTypes> {
  const { given } = context;
  const { fields } = psa.requirements;
  if (fields !== null) return chooseFields(context, psa, fields);
  const types = await context.dialogue.work(
    `Reading the contacts of ${company.name}`,
    async () => psa.listTypes(await psa.listContacts(company.id)),
    () => '',
  );
  return {
    emailType: await chooseOne(context, { kind: 'e-mail', option: '--email-type', given: given.emailType, types: types.email, psa }),
    phoneType: await chooseOne(context, { kind: 'phone', option: '--phone-type', given: given.phoneType, types: types.phone, psa }),
  };
}

interface TypeQuestion {
  readonly kind: 'e-mail' | 'phone';
  readonly option: string;
  readonly given: string | undefined;
  readonly types: readonly NamedType[];
  readonly psa: Psa;
}

async function chooseOne({ dialogue }: InitContext, { kind, option, given, types, psa }: TypeQuestion): Promise<string> {
  const names = types.map(({ name }) => name);
  const mayBeNone = !psa.requirements.typesRequired;
  if (given !== undefined) {
    const found = nameLike(names, given);
    if (found !== undefined) return found;
    if (mayBeNone && isNone(given)) return '';
    if (names.length === 0) {
      dialogue.warn(unknownYet(psa, kind));
      return given;
    }
    throw lacking(psa, { kind, option, given, names });
  }
  const proposed = propose(names, kind);
  if (!dialogue.attended || (names.length === 1 && !mayBeNone)) {
    if (proposed !== null) {
      dialogue.say(`The ${kind} type is ${proposed}`);
      return proposed;
    }
    const choice = [...names, ...(mayBeNone ? [`${noType} (not sent)`] : [])].join(', ');
    throw missing(option, names.length === 0 ? `${psa.displayName} does not tell its ${kind} types` : `one of ${choice}`);
  }
  if (names.length === 0) {
    dialogue.warn(unknownYet(psa, kind));
    return dialogue.text({ message: `Name of the ${kind} type`, initial: 'Work' });
  }
  const chosen = await dialogue.choose({
    message: `Which ${kind} type do work ${kind === 'phone' ? 'numbers' : 'addresses'} get?`,
    choices: [
      ...names.map((name, index) => ({ value: String(index), label: name })),
      ...(mayBeNone ? [{ value: noType, label: `None: contacts go without ${kind}` }] : []),
    ],
    ...(proposed === null ? {} : { initial: String(names.indexOf(proposed)) }),
  });
  return names[Number(chosen)] ?? '';
}

/** A PSA with fields has no types to choose among: what is asked is whether values go there at all. */
async function chooseFields(context: InitContext, psa: Psa, fields: PsaFields): Promise<ChosenTypes> {
  const { given } = context;
  return {
    emailType: await chooseSent(context, { kind: 'e-mail', option: '--email-type', given: given.emailType, types: fields.email, psa }),
    phoneType: await chooseSent(context, { kind: 'phone', option: '--phone-type', given: given.phoneType, types: fields.phone, psa }),
  };
}

async function chooseSent({ dialogue }: InitContext, { kind, option, given, types, psa }: TypeQuestion): Promise<string> {
  const names = types.flatMap(({ name }) => (name === '' ? [] : [name]));
  const [first = 'Work'] = names;
  if (given !== undefined) {
    const found = nameLike(names, given);
    if (found !== undefined) return found;
    if (isNone(given)) return '';
    throw lacking(psa, { kind, option, given, names });
  }
  const values = kind === 'phone' ? 'phone numbers' : 'e-mail addresses';
  return !dialogue.attended || (await dialogue.confirm(`Send ${values} to ${psa.displayName}?`, true)) ? first : '';
}

function nameLike(names: readonly string[], given: string): string | undefined {
  return names.find((name) => name.toLowerCase() === given.toLowerCase());
}

function isNone(given: string): boolean {
  return given === '' || given.toLowerCase() === noType;
}

function lacking(
  psa: Psa,
  { kind, option, given, names }: Pick<TypeQuestion, 'kind' | 'option'> & { readonly given: string; readonly names: readonly string[] },
): RollcallError {
  const none = psa.requirements.typesRequired ? '' : `; "${noType}" sends nothing`;
  const message = `${psa.displayName} has no ${kind} type "${given}"; it has ${names.join(', ')}${none}.`;
  return new RollcallError('PSA_TYPE_NOT_FOUND', message, { place: { option } });
}

function unknownYet(psa: Psa, kind: TypeQuestion['kind']): string {
  const nothing = kind === 'phone' ? 'this customer has no number yet' : 'this customer has no address yet';
  return `${psa.displayName} shows its ${kind} types by contacts only, and ${nothing}. Nobody is pushed before the type is known.`;
}

/** The usual one, else the only one. */
export function propose(names: readonly string[], kind: TypeQuestion['kind']): string | null {
  const [only] = names;
  const known = usual[kind].flatMap((name) => nameLike(names, name) ?? []);
  return known[0] ?? (names.length === 1 && only !== undefined ? only : null);
}
