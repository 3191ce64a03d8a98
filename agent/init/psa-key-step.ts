import type { NamedType } from '../../core/model/contact.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { plural } from '../cli/terminal/format.ts';
import type { InitContext } from './init-context.ts';

/** The answer that stands for "nowhere". */
const nowhere = 'none';
const custom = 'custom';

/** User-defined fields in the order in which they are looked at: tenants fill them from the first on. */
const candidates = ['userDefinedField10', 'userDefinedField9', 'userDefinedField8'] as const;

/** Blank, or of rollcall's own making: a user's objectGUID, or the IT Glue contact. */
const ownKey = /^$|^itglue:\d+$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface FoundField {
  readonly field: string;
  /** Contacts of the company that were looked at. */
  readonly contacts: number;
}

/**
 * ConnectWise: where contacts carry rollcall's key, by which it finds its own again (P8). Only a person can know what a tenant uses its
 * fields for, so without one it is as given, else nowhere; a field that the company's contacts have blank is suggested.
 */
export async function chooseKeyField(
  { given, dialogue }: InitContext,
  company: NamedType,
  open: (externalKeyField: string) => Psa,
): Promise<string> {
  const { psaKeyField } = given;
  if (psaKeyField !== undefined) return psaKeyField.trim().toLowerCase() === nowhere ? '' : psaKeyField.trim();
  if (!dialogue.attended) {
    dialogue.say('Contacts carry no key of rollcall: they are found by e-mail and name (--psa-key-field)');
    return '';
  }
  const found = await dialogue.work(
    `Looking for a field that the contacts of ${company.name} have blank`,
    () => blankField(company, open),
    () => '',
  );
  const suggestion =
    found === null
      ? []
      : [{ value: found.field, label: fieldName(found.field), hint: `blank at all of ${plural(found.contacts, 'contact')} here` }];
  const chosen = await dialogue.choose({
    message: 'Where may contacts carry the key by which rollcall finds its own again, whatever becomes of name and e-mail?',
    choices: [
      ...suggestion,
      { value: custom, label: 'Another field' },
      { value: nowhere, label: 'Nowhere', hint: 'they are found by e-mail and name' },
    ],
    initial: found?.field ?? nowhere,
  });
  if (chosen === nowhere) return '';
  if (chosen !== custom) return chosen;
  const typed = await dialogue.text({
    message: 'userDefinedField1 to userDefinedField10, or the caption of a custom field of contacts',
    problem: (text) => (text.trim() === '' ? 'the name of the field' : null),
  });
  return typed.trim();
}

/** The first candidate that no contact of the company has another value in than rollcall's; `null`: none, or there is no contact to tell by. */
async function blankField(company: NamedType, open: (externalKeyField: string) => Psa): Promise<FoundField | null> {
  for (const field of candidates) {
    const contacts = await open(field).listContacts(company.id);
    if (contacts.length === 0) return null;
    if (contacts.every(({ externalKey }) => externalKey === null || ownKey.test(externalKey.trim())))
      return { field, contacts: contacts.length };
  }
  return null;
}

function fieldName(field: string): string {
  return `User-defined field ${field.replace(/\D+/g, '')}`;
}
