import type { ContactEmail, ContactPhone, NamedType } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { OrganizationSettings } from '../model/settings.ts';
import type { TypeChoice } from './contact-type.ts';
import { chooseLocation, type LocationChoice, type LocationIndex } from './location.ts';

/** What the directory wants of a contact (E1, E2, E6, E8, E10); `null` is blank, for `important`: as it is. */
export interface WantedContact {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly email: ContactEmail | null;
  readonly phone: ContactPhone | null;
  readonly location: LocationChoice | null;
  readonly contactType: NamedType | null;
  readonly important: boolean | null;
}

/** Facts of the organization in IT Glue that enriching looks things up in. */
export interface EnrichContext {
  readonly settings: OrganizationSettings;
  readonly locations: LocationIndex;
}

/** The label of e-mails and phones that rollcall adds: the type chosen in the PSA settings, else IT Glue's own for AD (E2). */
function addressLabels(settings: OrganizationSettings): { readonly email: string; readonly phone: string } {
  return { email: settings.psa.emailType || 'AD Email', phone: settings.psa.phoneType || 'AD Phone' };
}

const noChoice: Pick<TypeChoice, 'contactType' | 'important'> = { contactType: null, important: null };

/** What the contact of a user is to be. `choice`: what the rules say of its type; without it, nothing is said. */
export function wantedContact(user: DirectoryUser, context: EnrichContext, choice = noChoice): WantedContact {
  const { person } = user;
  const labels = addressLabels(context.settings);
  return {
    firstName: person.firstName,
    lastName: person.lastName,
    title: person.title,
    email: person.email === null ? null : { value: person.email, label: labels.email, primary: true },
    phone: person.phone === null ? null : { phone: person.phone, label: labels.phone, kind: 'phone', primary: true },
    location: chooseLocation(user, context.settings, context.locations),
    contactType: choice.contactType,
    important: choice.important,
  };
}
