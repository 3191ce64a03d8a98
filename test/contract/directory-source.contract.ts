import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import { RollcallError } from '../../core/errors.ts';
import type { AbsenceEvidence, Absentee } from '../../core/model/absence.ts';
import type { DirectoryEntry, PersonFields } from '../../core/model/directory-user.ts';
import type { JsonObject } from '../../core/model/json.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { DirectorySource, ReadProof, ReadRequest } from '../../core/ports/directory-source.ts';

/** What a read brought, and how. */
export interface ReadOutcome {
  readonly proof: ReadProof;
  readonly checkpoint: JsonObject | null;
  readonly evidence: readonly AbsenceEvidence[];
  readonly entries: readonly DirectoryEntry[];
  readonly pages: number;
  readonly restarts: number;
  readonly byName: (samAccountName: string) => DirectoryEntry;
}

/** What a read is told besides a first one. */
export interface ReadMore {
  readonly request?: Partial<ReadRequest>;
  readonly absentees?: readonly Absentee[];
}

/** Reads all of a source; entries that came before a restart are forgotten, as the port says. */
export async function readAll(source: DirectorySource, more: ReadMore = {}): Promise<ReadOutcome> {
  let entries: DirectoryEntry[] = [];
  let pages = 0;
  let restarts = 0;
  const { proof, checkpoint, evidence } = await source.read(
    {
      onPage(page) {
        pages += 1;
        entries.push(...page);
      },
      onRestart() {
        restarts += 1;
        entries = [];
      },
      ...(more.absentees === undefined ? {} : { onAbsentees: () => Promise.resolve(more.absentees ?? []) }),
    },
    { ...firstReadRequest, ...more.request },
  );
  return {
    proof,
    checkpoint,
    evidence,
    entries,
    pages,
    restarts,
    byName(samAccountName) {
      const found = entries.find((entry) => entry.person.samAccountName === samAccountName);
      if (found === undefined) throw new Error(`no user ${samAccountName} was read`);
      return found;
    },
  };
}

/** The error that an action ends in; anything but a `RollcallError` is a failure of the test. */
export async function failureOf(action: Promise<unknown>): Promise<RollcallError> {
  const outcome = await action.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`no failure, but ${JSON.stringify(outcome.value).slice(0, 300)}`);
  if (outcome.error instanceof RollcallError) return outcome.error;
  throw outcome.error;
}

/** A stand-in for the agent's phone parser: keeps the text. */
export function keepPhone(raw: string): Phone {
  return { raw, e164: null, extension: null };
}

/** The people of the contract: attribute values as any directory holds them. */
export const contractPeople: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  amy: {
    cn: ['Amy Sample'],
    givenName: ['Amy'],
    sn: ['Sample'],
    displayName: ['Amy Sample (Finance)'],
    title: ['Controller'],
    mail: ['Amy.Sample@Example.test'],
    telephoneNumber: ['+1 415 555 0101'],
    mobile: ['+1 415 555 0102'],
    ipPhone: ['0103'],
    physicalDeliveryOfficeName: ['Head Office'],
    department: ['Finance'],
    company: ['Example Company'],
    proxyAddresses: ['SMTP:Amy.Sample@Example.test', 'smtp:amy@example.test', 'smtp:a.sample@example.test', 'X500:/o=Example'],
  },
  noel: {
    cn: ['Noel Nomail'],
    givenName: ['Noel'],
    sn: ['Nomail'],
    mobile: ['+1 415 555 0104'],
    proxyAddresses: ['smtp:n2@example.test', 'SMTP:noel@example.test'],
  },
  ipse: { cn: ['Ipse Phone'], givenName: ['Ipse'], sn: ['Phone'], ipPhone: ['0105'] },
  zoe: { cn: ['Zoë Świątek'], givenName: ['Zoë'], sn: ['Świątek'], physicalDeliveryOfficeName: ['Zürich'] },
  quill: { cn: ['Quill\\, \\"Ace\\"'], givenName: ['Ace'], sn: ['Quill'] },
  solo: { cn: ['Solo'] },
  dora: { cn: ['Dora Disabled'], givenName: ['Dora'], sn: ['Disabled'], userAccountControl: ['514'] },
};

const blank: Partial<PersonFields> = { title: null, email: null, phone: null, office: null, department: null, company: null, aliases: [] };

const expectedPeople: Readonly<Record<keyof typeof contractPeople, Partial<PersonFields>>> = {
  amy: {
    firstName: 'Amy',
    lastName: 'Sample',
    displayName: 'Amy Sample (Finance)',
    title: 'Controller',
    email: 'Amy.Sample@Example.test',
    phone: keepPhone('+1 415 555 0101'),
    office: 'Head Office',
    department: 'Finance',
    company: 'Example Company',
    aliases: ['amy@example.test', 'a.sample@example.test'],
    mailbox: null,
  },
  noel: { ...blank, firstName: 'Noel', email: 'noel@example.test', phone: keepPhone('+1 415 555 0104'), aliases: ['n2@example.test'] },
  ipse: { ...blank, firstName: 'Ipse', phone: keepPhone('0105') },
  zoe: { ...blank, firstName: 'Zoë', lastName: 'Świątek', office: 'Zürich' },
  quill: { ...blank, firstName: 'Ace', lastName: 'Quill' },
  solo: { ...blank, firstName: null, lastName: null, displayName: null, consistencyGuid: null },
  dora: { ...blank, firstName: 'Dora' },
};

/** One kind of directory under the contract, holding `contractPeople` (more users may be in it). */
export interface DirectorySubject {
  /** A source of everything; `filter` narrows it where the kind has filters, and is left out otherwise. */
  source(options?: { readonly filter?: string }): DirectorySource;
  readonly hasFilter: boolean;
  close(): Promise<void>;
}

/** What every `DirectorySource` keeps, whatever it reads from. */
export function describeDirectorySource(name: string, open: () => Promise<DirectorySubject>, isSkipped = false): void {
  describe.skipIf(isSkipped)(`a directory source: ${name}`, () => {
    let subject: DirectorySubject;
    let whole: ReadOutcome;
    beforeAll(async () => {
      subject = await open();
      whole = await readAll(subject.source());
    });
    afterAll(() => subject.close());

    it('C1 proves a complete read and counts what it handed over', () => {
      const { proof, entries } = whole;

      expect(proof).toMatchObject({ complete: true, gaps: [], users: entries.length });
      expect(proof.server).not.toBe('');
      expect(proof.family).not.toBe('');
      expect(entries.length).toBeGreaterThanOrEqual(Object.keys(contractPeople).length);
    });

    it('D1 hands over each user once, under an immutable id in its text form', () => {
      expect(new Set(whole.entries.map((entry) => entry.immutableId)).size).toBe(whole.entries.length);
      for (const entry of whole.entries)
        expect(entry.immutableId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    });

    it.each(Object.keys(expectedPeople))('C7 maps the fields of %s', (samAccountName) => {
      expect(whole.byName(samAccountName).person).toMatchObject(expectedPeople[samAccountName] ?? {});
    });

    it('C3 sees who is disabled and who is not', () => {
      expect(whole.byName('dora').account.disabled).toBe(true);
      expect(whole.byName('amy').account).toMatchObject({ disabled: false, locked: false, expires: 'never' });
    });

    it('reads the same twice, from one source after the other', async () => {
      const first = await readAll(subject.source());
      const second = await readAll(subject.source());

      expect(second.entries.map((entry) => entry.immutableId).toSorted()).toEqual(
        first.entries.map((entry) => entry.immutableId).toSorted(),
      );
      expect(second.proof.scopeKey).toBe(first.proof.scopeKey);
    });

    it('waits for the sink before it hands over the next page', async () => {
      let isBusy = false;
      let overlaps = 0;

      await subject.source().read(
        {
          async onPage() {
            if (isBusy) overlaps += 1;
            isBusy = true;
            await new Promise((resolve) => setImmediate(resolve));
            isBusy = false;
          },
          onRestart: () => undefined,
        },
        firstReadRequest,
      );

      expect(overlaps).toBe(0);
      expect(isBusy).toBe(false);
    });

    it('ends with the error of a sink that cannot store', async () => {
      const full = new RollcallError('STORE_UNUSABLE', 'no space left');

      const reading = subject.source().read(
        {
          onPage() {
            throw full;
          },
          onRestart: () => undefined,
        },
        firstReadRequest,
      );

      await expect(reading).rejects.toBe(full);
    });

    it('C1 changes the scope key when the filter changes', async ({ skip }) => {
      if (!subject.hasFilter) skip('this kind has no filter');
      const some = await readAll(subject.source({ filter: '(sn=Sample)' }));

      expect(some.entries.map((entry) => entry.person.samAccountName)).toContain('amy');
      expect(some.entries.length).toBeLessThan(whole.entries.length);
      expect(some.proof.scopeKey).not.toBe(whole.proof.scopeKey);
    });

    it('tells facts about itself when it is checked', async () => {
      const check = await subject.source().check();

      expect(check.server).not.toBe('');
      expect(Object.keys(check.facts).length).toBeGreaterThan(0);
    });
  });
}
