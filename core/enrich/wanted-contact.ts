import type { ContactEmail, ContactPhone, NamedType } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { OrganizationSettings } from '../model/settings.ts';
import { nameKey } from '../normalize/person-name.ts';
import { chooseLocation, type LocationChoice, type LocationIndex } from './location.ts';

/** What the directory wants of a contact (E1, E2, E6); `null` is blank. */
export interface WantedContact {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly email: ContactEmail | null;
  readonly phone: ContactPhone | null;
  readonly location: LocationChoice | null;
  readonly contactType: NamedType | null;
}

/** Facts of the organization in IT Glue that enriching looks things up in. */
export interface EnrichContext {
  readonly settings: OrganizationSettings;
  readonly locations: LocationIndex;
  readonly contactTypes: readonly NamedType[];
}

/** The label of e-mails and phones that rollcall adds: the type chosen in the PSA settings, else IT Glue's own for AD (E2). */
function addressLabels(settings: OrganizationSettings): { readonly email: string; readonly phone: string } {
  return { email: settings.psa.emailType || 'AD Email', phone: settings.psa.phoneType || 'AD Phone' };
}

export function wantedContact(user: DirectoryUser, context: EnrichContext): WantedContact {
  const { person } = user;
  const labels = addressLabels(context.settings);
  return {
    firstName: person.firstName,
    lastName: person.lastName,
    title: person.title,
    email: person.email === null ? null : { value: person.email, label: labels.email, primary: true },
    phone: person.phone === null ? null : { phone: person.phone, label: labels.phone, kind: 'phone', primary: true },
    location: chooseLocation(user, context.settings, context.locations),
    contactType: findType(context.contactTypes, context.settings.psa.contactType),
  };
}

function findType(types: readonly NamedType[], name: string): NamedType | null {
  if (name === '') return null;
  const key = nameKey(name);
  return types.find((type) => nameKey(type.name) === key) ?? null;
}
