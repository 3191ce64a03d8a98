import { describe, expect, it } from 'vitest';
import { excludedBecause } from '../../../core/eligibility/excluded.ts';
import { companyAdvice, companyQuestion, contestedCompany, judgeCompany } from '../../../core/eligibility/judge-company.ts';
import type { AdapterLink, Organization } from '../../../core/model/contact.ts';
import { organizationId } from '../../../core/model/ids.ts';

const id = organizationId('4711');
const acme = { id: '250', name: 'Acme' };
const inactive = { ...acme, inactive: true } as const;

function link(partial: Partial<AdapterLink> = {}): AdapterLink {
  return { adapter: 'Kaseya BMS', remoteId: '250', sync: true, orphaned: false, ...partial };
}

function organization(...adapters: readonly AdapterLink[]): Organization {
  return { id, name: 'Acme', typeName: 'Customer', statusName: 'Active', adapters };
}

describe('which company the PSA is asked for', () => {
  it.each([
    ['a pin before a link', '300', [link()], { kind: 'pinned', id: '300' }],
    ['a link before the name', '', [link()], { kind: 'linked', id: '250' }],
    ['a link whatever the case of its name', '', [link({ adapter: 'kaseya bms' })], { kind: 'linked', id: '250' }],
    ['a link whose sync is off', '', [link({ sync: false })], { kind: 'linked', id: '250' }],
    ['no link of another integration', '', [link({ adapter: 'Autotask' })], { kind: 'named', name: 'Acme', orphaned: null }],
    ['no link without an id', '', [link({ remoteId: null })], { kind: 'named', name: 'Acme', orphaned: null }],
    ['no orphaned link', '', [link({ orphaned: true })], { kind: 'named', name: 'Acme', orphaned: '250' }],
    ['the link that is not orphaned', '', [link({ orphaned: true, remoteId: '1' }), link()], { kind: 'linked', id: '250' }],
    ['the name alone', '', [], { kind: 'named', name: 'Acme', orphaned: null }],
  ] as const)('P8 %s', (_words, company, adapters, expected) => {
    expect(companyQuestion(organization(...adapters), { company }, ['Kaseya BMS'])).toEqual(expected);
  });
});

describe('what the PSA answered', () => {
  const name = { kind: 'named', name: 'Acme', orphaned: null } as const;

  it.each([
    ['pinned', { kind: 'pinned', id: '250' }, 'pinned by psa.company'],
    ['linked', { kind: 'linked', id: '250' }, 'linked by IT Glue'],
    ['named', name, 'of equal name'],
  ] as const)('P8 is taken when it is one: %s', (_words, question, how) => {
    expect(judgeCompany(question, [acme], 'Kaseya BMS')).toEqual({ kind: 'found', company: acme, how, notice: null });
  });

  it.each([
    ['a pin that names none', { kind: 'pinned', id: '9' }, [], 'has no company 9, which psa.company pins: it was deleted or merged there'],
    ['a link that names none', { kind: 'linked', id: '9' }, [], 'has no company 9, which IT Glue links: it was deleted or merged there'],
    ['an inactive one that is linked', { kind: 'linked', id: '250' }, [inactive], 'Acme (250), which IT Glue links, is inactive'],
    ['an inactive one of the name', name, [inactive], 'The company named "Acme" is inactive'],
    ['none of the name', name, [], 'has no company named "Acme"'],
    ['two of the name', name, [acme, { id: '251', name: 'ACME' }], 'has 2 companies named "Acme"'],
    ['none, and an orphaned link', { ...name, orphaned: '9' }, [], 'the company 9 is orphaned and is not followed'],
  ] as const)('P8 holds the organization for %s', (_words, question, found, problem) => {
    const verdict = judgeCompany(question, found, 'Kaseya BMS');

    expect(verdict).toMatchObject({ kind: 'none', problem: expect.stringContaining(problem) });
  });

  it('P8 says so when the name decides because the link is orphaned', () => {
    const verdict = judgeCompany({ ...name, orphaned: '9' }, [acme], 'Kaseya BMS');

    expect(verdict).toMatchObject({ kind: 'found', company: acme, notice: expect.stringContaining('company 9 is orphaned') });
  });

  it('P8 names candidates with what to write, and says when there are none', () => {
    expect(companyAdvice(id, [acme, { id: '251', name: 'Acme Ltd', inactive: true }])).toBe(
      'Candidates: Acme (250); Acme Ltd (251), inactive. Pin the right one: organizations.4711.psa.company = "250", or another of these',
    );
    expect(companyAdvice(id, [])).toContain('organizations.4711.psa.company');
  });
});

describe('two organizations of one company', () => {
  const own = { organization: id, name: 'Acme' };
  const other = { organization: organizationId('4712'), name: 'Acme East', companyId: '250' };

  it('P8 are both named, the same from either side', () => {
    const words = contestedCompany(acme, own, [other]);

    expect(words).toContain('Acme (4711) and Acme East (4712) map to the same company Acme (250)');
    expect(contestedCompany(acme, { organization: other.organization, name: 'Acme East' }, [{ ...own, companyId: '250' }])).toBe(words);
  });

  it('P8 are none when the companies differ', () => {
    expect(contestedCompany(acme, own, [{ ...other, companyId: '251' }])).toBeNull();
    expect(contestedCompany(acme, own, [{ ...own, companyId: '250' }])).toBeNull();
  });
});

describe('organizations that are set to sync', () => {
  const selection = { organizationTypes: [] as string[], organizationStatuses: [] as string[] };

  it.each([
    ['everything', {}, null],
    ['its type, whatever the case', { organizationTypes: ['CUSTOMER '] }, null],
    ['another type', { organizationTypes: ['Vendor'] }, 'type "Customer" is not set to sync'],
    ['another status', { organizationStatuses: ['Inactive'] }, 'status "Active" is not set to sync'],
    ['its type and another status', { organizationTypes: ['Customer'], organizationStatuses: ['Old'] }, 'status "Active"'],
  ])('P7 %s', (_words, more, expected) => {
    const because = excludedBecause(organization(), { ...selection, ...more }, 'Kaseya BMS');

    if (expected === null) expect(because).toBeNull();
    else expect(because).toContain(expected);
  });

  it('P7 one without a type is none of a selection', () => {
    expect(excludedBecause({ typeName: null, statusName: null }, { ...selection, organizationTypes: ['Vendor'] }, 'BMS')).toContain(
      '"none"',
    );
  });
});
