import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../core/assess/assess.ts';
import type { Assessment } from '../../../core/assess/assessment.ts';
import { emailProblem, phoneProblem } from '../../../core/assess/malformed.ts';
import type { Contact } from '../../../core/model/contact.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { contactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { reconcile } from '../../../core/reconcile.ts';
import type { ReconcileInput } from '../../../core/reconcile-input.ts';
import {
  contact,
  contactEmail,
  contactPhone,
  directoryUser,
  organizationSettings,
  phone,
  psaContact,
  testMoment,
  testUserId,
  userState,
} from '../../fixtures/build.ts';
import { psaSnapshot, reconcileInput } from '../../fixtures/build-plan.ts';
import { findingOf, recordsOf, staleDays } from './assess-world.ts';

const day = 86_400_000;
const names = fc.constantFrom('Ann', 'ann', 'Bob', 'Á.', 'A', '', 'Ünal', '李');
const mails = fc.option(fc.constantFrom('a@acme.test', 'A@ACME.test', 'b@acme.test', 'c@home.test', 'broken', 'x@y'), { nil: null });
const phones = fc.constantFrom('+14155550100', '415 555 0100', '12', 'none');

const users = fc.array(
  fc.record({
    firstName: fc.option(names, { nil: null }),
    lastName: fc.option(names, { nil: null }),
    email: mails,
    mailbox: fc.constantFrom('user' as const, 'shared' as const, null),
    disabled: fc.boolean(),
    locked: fc.boolean(),
    presence: fc.constantFrom('present' as const, 'present' as const, 'absent' as const, 'out' as const),
    lastLogon: fc.oneof(
      fc.constantFrom('never' as const, null),
      fc.integer({ min: 0, max: 400 }).map((days) => testMoment - days * day),
    ),
    exact: fc.boolean(),
    ignored: fc.boolean(),
  }),
  { maxLength: 12 },
);

const contacts = fc.array(
  fc.record({ firstName: fc.option(names, { nil: null }), lastName: names, mail: mails, phone: phones, linked: fc.boolean() }),
  { maxLength: 12 },
);

const inputs = fc
  .record({ users, contacts, psa: contacts, withPsa: fc.boolean(), create: fc.constantFrom('auto' as const, 'off' as const) })
  .map((drawn): ReconcileInput => {
    const made = drawn.users.map((each, index): DirectoryUser => {
      const { firstName, lastName, email, mailbox } = each;
      return directoryUser({
        id: testUserId(`u${index}`),
        presence: each.presence,
        person: { firstName, lastName, displayName: null, email, mailbox, phone: index % 2 === 0 ? phone('+14155550100') : null },
        account: {
          disabled: each.disabled,
          locked: each.locked,
          lastLogon: each.lastLogon,
          lastLogonAccuracy: each.exact ? 'exact' : 'within 14 days',
        },
      });
    });
    const states = drawn.users.flatMap(({ ignored }, index) =>
      ignored ? [userState({ userId: testUserId(`u${index}`), state: 'ignored' })] : [],
    );
    return reconcileInput({
      users: made,
      contacts: drawn.contacts.map(toContact),
      userStates: states,
      psa: drawn.withPsa ? psaSnapshot({ contacts: drawn.psa.map(toPsaContact) }) : null,
      settings: organizationSettings({ contacts: { create: drawn.create } }),
    });
  });

type Drawn = { firstName: string | null; lastName: string; mail: string | null; phone: string; linked: boolean };

function toContact({ firstName, lastName, mail, phone: number, linked }: Drawn, index: number): Contact {
  return contact({
    id: contactId(String(1001 + index)),
    firstName,
    lastName,
    emails: mail === null ? [] : [contactEmail(mail)],
    phones: [contactPhone(number)],
    adapters: linked ? [{ adapter: 'Kaseya BMS', remoteId: String(9001 + index), sync: true, orphaned: false }] : [],
  });
}

function toPsaContact({ firstName, lastName, mail, linked }: Drawn, index: number): PsaContact {
  const emails = mail === null ? [] : [{ value: mail, typeId: '1', typeName: 'Work', primary: true }];
  return psaContact({ id: psaContactId(String(9001 + index)), firstName, lastName, emails, active: linked });
}

function run(input: ReconcileInput): Assessment {
  return assess({ input, reconciled: reconcile(input), staleDays });
}

/** How many of these findings name the record. */
function timesNamed(assessment: Assessment, ids: readonly string[], of: string): number {
  return ids.reduce((sum, id) => sum + recordsOf(assessment, id).filter((each) => each === of).length, 0);
}

const listsOfUsers = ['account-undecided', 'account-comes-close', 'account-without-contact', 'account-needs-no-contact', 'account-ignored'];
const listsOfContacts = ['contact-own-domain-without-account', 'contact-could-be-accounts', 'contact-without-account'];
const listsOfLogons = ['account-stale', 'account-perhaps-stale', 'account-never-used', 'account-logon-unknown'];

describe('any assessment', () => {
  it('M3 M4 M10 names each account without a contact in one list, and none that has one', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const assessment = run(input);
        if (assessment.totals.accounts === 0) return;
        const decisions = new Map(reconcile(input).decisions.map((decision) => [decision.user.id, decision]));
        for (const { id, presence } of input.users) {
          const isMissing = presence === 'present' && decisions.get(id)?.match.state !== 'matched';
          expect(timesNamed(assessment, listsOfUsers, id)).toBe(isMissing ? 1 : 0);
        }
      }),
    );
  });

  it('names each contact without an account in one list, and none that has one', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const assessment = run(input);
        if (assessment.totals.accounts === 0) return;
        const taken = new Set(reconcile(input).decisions.map(({ match }) => match.contactId));
        for (const { id } of input.contacts) expect(timesNamed(assessment, listsOfContacts, id)).toBe(taken.has(id) ? 0 : 1);
      }),
    );
  });

  it('C4 names each unused account of a person in one list at most, and by the days that are sure', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const assessment = run(input);
        if (assessment.totals.accounts === 0) return;
        for (const { id, presence, account, person } of input.users) {
          const counts = presence === 'present' && !account.disabled && person.mailbox !== 'shared';
          const days = typeof account.lastLogon === 'number' ? (testMoment - account.lastLogon) / day : 1_000;
          expect(timesNamed(assessment, listsOfLogons, id)).toBe(counts && days >= staleDays ? 1 : 0);
          const isSure =
            counts && typeof account.lastLogon === 'number' && days >= staleDays + (account.lastLogonAccuracy === 'exact' ? 0 : 14);
          expect(timesNamed(assessment, ['account-stale'], id)).toBe(isSure ? 1 : 0);
        }
      }),
    );
  });

  it('counts what its rows hold, with a cell for each column', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const assessment = run(input);
        const findings = assessment.sections.flatMap((section) => section.findings);
        for (const { count, rows, columns, breakdown } of findings) {
          const groups = new Set(rows.flatMap(({ group }) => group ?? []));
          expect(count).toBe(groups.size > 0 ? groups.size : rows.length);
          for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
          expect(breakdown.reduce((sum, share) => sum + share.count, 0)).toBeLessThanOrEqual(rows.length);
        }
        for (const { columns, rows } of assessment.inventories) for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
        expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
      }),
    );
  });

  it('holds every record that it counts in an inventory', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const assessment = run(input);
        const [accounts, all, psa] = assessment.inventories;

        expect(accounts?.rows).toHaveLength(assessment.totals.accounts);
        expect(all?.rows).toHaveLength(assessment.totals.contacts);
        if (assessment.totals.psaContacts !== null) expect(psa?.rows).toHaveLength(assessment.totals.psaContacts);
      }),
    );
  });

  it('A1 is the same whatever the order of the lists, and lists the changes of the plan once each', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const assessment = run(input);
        const turned = run({ ...input, users: input.users.toReversed(), contacts: input.contacts.toReversed() });

        expect(turned).toEqual(assessment);
        if (assessment.totals.accounts === 0) return;
        const listed = assessment.sections
          .flatMap((section) => section.findings)
          .filter(({ id }) => id.startsWith('sync-') && id !== 'sync-guards')
          .flatMap(({ rows }) => rows.map(({ of }) => of));
        expect(listed.sort()).toEqual(
          reconcile(input)
            .plan.changes.map(({ id }) => id)
            .sort(),
        );
      }),
    );
  });

  it.each([
    { what: 'people of different names', nameOf: (index: number) => `N${index}` },
    { what: 'people who all have one name and one address', nameOf: () => 'Same' },
  ])('looks at records in proportion to their number: $what', ({ nameOf }) => {
    const small = readsOf(200, nameOf);
    const large = readsOf(800, nameOf);

    expect(small).toBeGreaterThan(200);
    expect(large / small).toBeLessThan(4.4);
  });
});

/** How often a member of any contact or account is read while so many of each are assessed. */
function readsOf(count: number, nameOf: (index: number) => string): number {
  const mail = (index: number): string => `${nameOf(index)}@acme.test`;
  const input = reconcileInput({
    users: Array.from({ length: count }, (_, index) =>
      directoryUser({ id: testUserId(`u${index}`), person: { firstName: nameOf(index), displayName: null, email: mail(index) } }),
    ),
    contacts: Array.from({ length: count }, (_, index) =>
      contact({
        id: contactId(String(1001 + index)),
        firstName: nameOf(index),
        emails: [contactEmail(mail(index))],
        phones: [contactPhone('12')],
      }),
    ),
    settings: organizationSettings({ psa: { type: 'none' } }),
  });
  const reconciled = reconcile(input);
  let reads = 0;
  const counting = <Record extends object>(record: Record): Record =>
    new Proxy(record, {
      get(target, key) {
        reads += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
  const decisions = reconciled.decisions.map((decision) => ({
    ...decision,
    user: counting(decision.user),
    match: counting(decision.match),
  }));
  assess({ input: { ...input, contacts: input.contacts.map(counting) }, reconciled: { ...reconciled, decisions }, staleDays });
  return reads;
}

describe('what cannot be right', () => {
  it.each([
    ['jane@acme.test', null],
    ["o'neil+x@sub.acme.test", null],
    ['  jane@acme.test ', null],
    ['', 'it is blank'],
    ['n/a', 'no @'],
    ['jane@@acme.test', 'more than one @'],
    ['@acme.test', 'nothing before or after the @'],
    ['jane@', 'nothing before or after the @'],
    ['jane@acme', 'the domain has no dot'],
    ['jane@acme.', 'a dot or hyphen out of place'],
    ['jane..doe@acme.test', 'a dot or hyphen out of place'],
    ['.jane@acme.test', 'a dot or hyphen out of place'],
    ['jane@acme.test; max@acme.test', 'several addresses in one field'],
    ['jane doe@acme.test', 'a space in it'],
    ['<jane@acme.test>', 'a bracket, colon or quote in it'],
  ])('about the address %j is: %s', (address, problem) => {
    expect(emailProblem(address)).toBe(problem);
  });

  it.each([
    ['+1 415 555 0100', null],
    ['see notes', 'no digit in it'],
    ['000-000-0000', 'a placeholder'],
    ['4711', 'too short: perhaps an extension'],
    ['4155550100 4155550101', 'too long: perhaps two numbers'],
    ['555-0100 mobile', 'words in it'],
    ['555-01001', 'not a valid number of its country'],
  ])('about the number %j is: %s', (number, problem) => {
    const parsed = phone(number);

    expect(phoneProblem(number.startsWith('000') ? { ...parsed, e164: null } : parsed)).toBe(problem);
  });

  it('any text gets an answer, and the same one with blanks around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(emailProblem(` ${text} `)).toBe(emailProblem(text));
      }),
    );
  });

  it('finds nothing wrong with what is in order', () => {
    expect(findingOf(run(reconcileInput()), 'contact-malformed-email').count).toBe(0);
  });
});
