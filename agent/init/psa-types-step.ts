import { RollcallError } from '../../core/errors.ts';
import type { NamedType } from '../../core/model/contact.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { InitContext } from './init-context.ts';
import { missing } from './init-context.ts';

export interface ChosenTypes {
  readonly emailType: string;
  readonly phoneType: string;
}

/** What most tenants call the type that a business address or number has. */
const usual = 'work';

/** The e-mail and phone types to write, by the names that the PSA has. */
export async function chooseTypes(context: InitContext, psa: Psa, company: NamedType): Promise<ChosenTypes> {
  const types = await context.dialogue.work(
    `Reading the contacts of ${company.name}`,
    async () => psa.listTypes(await psa.listContacts(company.id)),
    () => '',
  );
  return {
    emailType: await chooseOne(context, {
      kind: 'e-mail',
      option: '--email-type',
      given: context.given.emailType,
      types: types.email,
      psa,
    }),
    phoneType: await chooseOne(context, { kind: 'phone', option: '--phone-type', given: context.given.phoneType, types: types.phone, psa }),
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
  if (given !== undefined) {
    const found = names.find((name) => name.toLowerCase() === given.toLowerCase());
    if (found !== undefined) return found;
    if (names.length === 0) {
      dialogue.warn(unknownYet(psa, kind));
      return given;
    }
    throw new RollcallError('PSA_TYPE_NOT_FOUND', `${psa.displayName} has no ${kind} type "${given}"; it has ${names.join(', ')}.`, {
      place: { option },
    });
  }
  const proposed = propose(names);
  if (!dialogue.attended || names.length === 1) {
    if (proposed !== null) {
      dialogue.say(`The ${kind} type is ${proposed}`);
      return proposed;
    }
    throw missing(option, names.length === 0 ? `${psa.displayName} does not tell its ${kind} types` : `one of ${names.join(', ')}`);
  }
  if (names.length === 0) {
    dialogue.warn(unknownYet(psa, kind));
    return dialogue.text({ message: `Name of the ${kind} type`, initial: 'Work' });
  }
  return dialogue.choose({
    message: `Which ${kind} type do work ${kind === 'phone' ? 'numbers' : 'addresses'} get?`,
    choices: names.map((name) => ({ value: name, label: name })),
    ...(proposed === null ? {} : { initial: proposed }),
  });
}

function unknownYet(psa: Psa, kind: TypeQuestion['kind']): string {
  const nothing = kind === 'phone' ? 'this customer has no number yet' : 'this customer has no address yet';
  return `${psa.displayName} shows its ${kind} types by contacts only, and ${nothing}. Nobody is pushed before the type is known.`;
}

/** The usual one, else the only one. */
export function propose(names: readonly string[]): string | null {
  const [only] = names;
  return names.find((name) => name.toLowerCase() === usual) ?? (names.length === 1 && only !== undefined ? only : null);
}
