import type { NamedType } from '../../core/model/contact.ts';
import type { ContactId, PsaContactId } from '../../core/model/ids.ts';
import type { PsaContact, PsaContactInput, PsaEmail, PsaPhone } from '../../core/model/psa-contact.ts';
import type { Psa, PsaLocation } from '../../core/ports/psa.ts';
import type { PsaWrite } from '../fixtures/fake-psa.ts';

/**
 * A contact as somebody else puts it into the PSA; the first e-mail and phone are its default ones. Where the PSA has fields, each
 * further one is in the next field.
 */
export interface SeedContact {
  /** Default: the world's company. */
  readonly companyId?: string;
  /** Default: the company's main location. */
  readonly locationId?: string;
  /** Default: `Ada`. */
  readonly firstName?: string | null;
  /** Default: none, or `Byron` where the PSA wants one. */
  readonly lastName?: string | null;
  readonly title?: string | null;
  readonly emails?: readonly string[];
  readonly phones?: readonly string[];
  readonly active?: boolean;
  /** Only where `psa.hasExternalKey`. */
  readonly externalKey?: string;
}

/** A PSA to test, with the hands of somebody else in it. */
export interface PsaWorld {
  readonly psa: Psa;
  readonly company: NamedType;
  readonly otherCompany: NamedType;
  /** Locations of the company: the main one, another one. */
  readonly locations: readonly [PsaLocation, PsaLocation];
  /** The type of e-mails, or the PSA's first e-mail field. */
  readonly emailType: NamedType;
  /** The type of phones, or the PSA's first phone field. */
  readonly phoneType: NamedType;
  /** Another type of phones, or the PSA's second phone field. */
  readonly mobileType: NamedType;
  seed(contact: SeedContact): PsaContactId;
  /** Changes by hand what is named. */
  editContact(id: PsaContactId, change: Omit<SeedContact, 'companyId' | 'externalKey'>): void;
  /** Links by hand; `null`: this PSA does not tell which IT Glue contact it knows. */
  readonly link: ((id: PsaContactId, linked: ContactId) => void) | null;
  /** Moves everybody's clock, the PSA's too; in milliseconds. */
  passTime(ms: number): void;
  /** The next such write goes wrong, once. */
  failNext(call: PsaWrite, fault: 'lost-before' | 'lost-after' | 'refused'): void;
  close(): Promise<void>;
}

/** Values as rollcall gives them to this world's PSA. */
export function samplesFor(world: PsaWorld) {
  const { requirements } = world.psa;

  /** `place`: the how manieth it is, for PSAs with fields. */
  function email(value: string, primary = true, place = primary ? 0 : 1): PsaEmail {
    const type = requirements.fields?.email[place] ?? world.emailType;
    return { value, typeId: type.id, typeName: type.name, primary };
  }

  function phone(raw: string, primary = true, place = primary ? 0 : 1): PsaPhone {
    const type = requirements.fields?.phone[place] ?? world.phoneType;
    // North American numbers, with and without the country's 1.
    const national = raw.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
    return { phone: { raw, e164: `+1${national}`, extension: null }, typeId: type.id, typeName: type.name, primary };
  }

  return {
    email,
    phone,
    /** A whole list, the first being primary. */
    emails: (...values: readonly string[]): readonly PsaEmail[] => values.map((value, place) => email(value, place === 0, place)),
    phones: (...values: readonly string[]): readonly PsaPhone[] => values.map((value, place) => phone(value, place === 0, place)),

    newcomer: (more: Partial<PsaContactInput> = {}): PsaContactInput => ({
      companyId: world.company.id,
      locationId: world.locations[1].id,
      firstName: 'Zoë',
      lastName: "O'Neil-Özil",
      title: 'Head of Sales',
      emails: [email('zoe@acme.example.test')],
      phones: [phone('+1 415 555 0107')],
      contactTypeId: null,
      externalKey: null,
      ...more,
    }),
  };
}

export function emailsOf(contact: PsaContact | null): string[] {
  return (contact?.emails ?? []).map((item) => item.value.toLowerCase()).sort();
}

export function phonesOf(contact: PsaContact | null): string[] {
  return (contact?.phones ?? []).map((item) => item.phone.e164 ?? item.phone.raw).sort();
}
