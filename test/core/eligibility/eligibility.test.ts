import { describe, expect, it } from 'vitest';
import { assessEligibility } from '../../../core/eligibility/eligibility.ts';
import type { PushCandidate } from '../../../core/eligibility/psa-context.ts';
import type { PsaRequirements } from '../../../core/ports/psa.ts';
import { contactEmail, contactPhone, location, type organizationSettings, phone } from '../../fixtures/build.ts';
import {
  autotaskRequirements,
  bmsRequirements,
  connectWiseRequirements,
  psaContext,
  type psaSnapshot,
  pushCandidate,
} from '../../fixtures/build-plan.ts';

type PsaPart = NonNullable<NonNullable<Parameters<typeof organizationSettings>[0]>['psa']>;

function assess(
  candidate: Partial<PushCandidate>,
  more: {
    readonly requirements?: PsaRequirements;
    readonly psa?: PsaPart;
    readonly snapshot?: Parameters<typeof psaSnapshot>[0];
  } = {},
) {
  const context = psaContext({ requirements: more.requirements ?? bmsRequirements, ...more.snapshot }, { psa: more.psa ?? {} });
  return assessEligibility(pushCandidate(candidate), context);
}

function missing(...given: Parameters<typeof assess>): readonly string[] {
  const result = assess(...given);
  return result.eligible ? [] : result.missing;
}

function inputOf(...given: Parameters<typeof assess>) {
  const result = assess(...given);
  if (!result.eligible) throw new Error(`not eligible: ${result.missing.join(', ')}`);
  return result.input;
}

interface Row {
  readonly lacks: string;
  readonly candidate: Partial<PushCandidate>;
  readonly bms: readonly string[];
  readonly connectWise: readonly string[];
  readonly autotask: readonly string[];
}

describe('what each PSA needs', () => {
  const rows: readonly Row[] = [
    { lacks: 'nothing', candidate: {}, bms: [], connectWise: [], autotask: [] },
    { lacks: 'first name', candidate: { firstName: null }, bms: ['firstName'], connectWise: ['firstName'], autotask: ['firstName'] },
    { lacks: 'last name', candidate: { lastName: null }, bms: [], connectWise: [], autotask: ['lastName'] },
    { lacks: 'e-mail', candidate: { emails: [] }, bms: ['email'], connectWise: [], autotask: [] },
    {
      lacks: 'primary e-mail',
      candidate: { emails: [contactEmail('a@acme.test', { primary: false })] },
      bms: ['email'],
      connectWise: [],
      autotask: [],
    },
    { lacks: 'phone', candidate: { phones: [] }, bms: ['phone'], connectWise: [], autotask: [] },
    {
      lacks: 'primary phone',
      candidate: { phones: [contactPhone('+14155550100', { primary: false })] },
      bms: ['phone'],
      connectWise: [],
      autotask: [],
    },
    { lacks: 'location', candidate: { location: null }, bms: ['location'], connectWise: [], autotask: [] },
    {
      lacks: 'location in the PSA',
      candidate: { location: location({ name: 'Moon base' }) },
      bms: ['location'],
      connectWise: [],
      autotask: [],
    },
    {
      lacks: 'everything',
      candidate: { firstName: null, lastName: null, emails: [], phones: [], location: null },
      bms: ['firstName', 'email', 'phone', 'location'],
      connectWise: ['firstName'],
      autotask: ['firstName', 'lastName'],
    },
  ];
  it.each(rows)('P1 a contact without $lacks lists what is missing', ({ candidate, bms, connectWise, autotask }) => {
    expect(missing(candidate)).toEqual(bms);
    expect(missing(candidate, { requirements: connectWiseRequirements })).toEqual(connectWise);
    expect(missing(candidate, { requirements: autotaskRequirements })).toEqual(autotask);
  });

  it('P1 without a company nothing is pushed anywhere', () => {
    for (const requirements of [bmsRequirements, connectWiseRequirements, autotaskRequirements]) {
      expect(missing({}, { requirements, snapshot: { company: null, companyProblem: 'no company' } })).toContain('company');
    }
  });

  it.each([
    ['not chosen', ''],
    ['that the PSA lacks', 'Fancy'],
  ])('P1 an e-mail or phone type %s makes it not eligible where types are needed', (_words, type) => {
    expect(missing({}, { psa: { emailType: type } })).toEqual(['emailType']);
    expect(missing({}, { psa: { phoneType: type } })).toEqual(['phoneType']);
  });

  it('P1 elsewhere a type that is not chosen pushes without e-mail or phone', () => {
    const input = inputOf({}, { requirements: connectWiseRequirements, psa: { emailType: '', phoneType: '' } });
    expect([input.emails, input.phones]).toEqual([[], []]);
    const withEmail = inputOf({}, { requirements: connectWiseRequirements, psa: { phoneType: '' } });
    expect([withEmail.emails.length, withEmail.phones.length]).toEqual([1, 0]);
  });

  it('P1 all e-mails and phones whose label maps to a type are sent, others are not', () => {
    const input = inputOf({
      emails: [
        contactEmail('a@acme.test'),
        contactEmail('b@home.test', { label: 'home', primary: false }),
        contactEmail('c@x.test', { label: 'X', primary: false }),
      ],
      phones: [
        contactPhone('+14155550100'),
        contactPhone('+14155550101', { label: 'MOBILE', primary: false }),
        contactPhone('+14155550102', { kind: 'fax', primary: false }),
      ],
    });
    expect(input.emails.map((item) => [item.value, item.typeId, item.primary])).toEqual([
      ['a@acme.test', '1', true],
      ['b@home.test', '2', false],
    ]);
    expect(input.phones.map((item) => item.typeId)).toEqual(['1', '3']);
  });

  it('P1 the primary one must be among those that are sent', () => {
    const emails = [contactEmail('a@acme.test', { label: 'X' }), contactEmail('b@acme.test', { primary: false })];
    const result = assess({ emails });
    expect(result).toMatchObject({ eligible: false, missing: ['email'], hints: ['Kaseya BMS has no e-mail type "X"'] });
  });

  it('P1 of two primary ones the first is sent as primary', () => {
    const input = inputOf({ emails: [contactEmail('a@acme.test'), contactEmail('b@acme.test')] });
    expect(input.emails.map((item) => item.primary)).toEqual([true, false]);
  });
});

describe('blank phones', () => {
  const blankPhone = '000-000-0000';

  it('P2 the placeholder is sent where there is no phone, as primary of the chosen type', () => {
    expect(inputOf({ phones: [] }, { psa: { blankPhone } }).phones).toEqual([
      { phone: { raw: blankPhone, e164: null, extension: null }, typeId: '1', typeName: 'Work', primary: true },
    ]);
  });

  it('P2 a fax is no phone', () => {
    expect(inputOf({ phones: [contactPhone('+14155550102', { kind: 'fax' })] }, { psa: { blankPhone } }).phones[0]?.phone.raw).toBe(
      blankPhone,
    );
  });

  it('P2 no placeholder is sent in the place of a phone', () => {
    expect(missing({ phones: [contactPhone('+14155550100', { label: 'X' })] }, { psa: { blankPhone } })).toEqual(['phone']);
  });

  it('P2 no placeholder goes to ConnectWise or Autotask', () => {
    expect(inputOf({ phones: [] }, { psa: { blankPhone }, requirements: connectWiseRequirements }).phones).toEqual([]);
    expect(inputOf({ phones: [] }, { psa: { blankPhone }, requirements: autotaskRequirements }).phones).toEqual([]);
  });
});

describe('names, types and location', () => {
  it('P12 the name is pushed exactly as IT Glue holds it', () => {
    const input = inputOf({ firstName: ' jANE ', lastName: "O'Döe" });
    expect([input.firstName, input.lastName]).toEqual([' jANE ', "O'Döe"]);
  });

  it("P12 location and types go by the PSA's own ids", () => {
    const input = inputOf({});
    expect([input.companyId, input.locationId, input.emails[0]?.typeId, input.phones[0]?.typeId]).toEqual(['250', '77', '1', '1']);
  });

  it('P12 a location goes by its link before its name, and by a unique name only', () => {
    const locations = [
      { id: '77', name: 'Head Office', main: true },
      { id: '78', name: 'Annex', main: false },
      { id: '79', name: 'Twin', main: false },
      { id: '80', name: 'TWIN', main: false },
    ];
    const linked = location({ adapters: [{ adapter: 'kaseya bms', remoteId: '78', sync: true, orphaned: false }] });
    expect(inputOf({ location: linked }, { snapshot: { locations } }).locationId).toBe('78');
    expect(missing({ location: location({ name: 'Twin' }) }, { snapshot: { locations } })).toEqual(['location']);
  });

  it('P12 a pinned type id is used for the chosen type', () => {
    expect(inputOf({}, { psa: { emailTypeId: '91', phoneTypeId: '92' } })).toMatchObject({
      emails: [{ typeId: '91' }],
      phones: [{ typeId: '92' }],
    });
    expect(
      inputOf({}, { psa: { emailTypeId: '91', phoneTypeId: '92' }, snapshot: { types: { email: [], phone: [], contact: [] } } }).emails,
    ).toHaveLength(1);
  });

  it('P12 a phone is sent in E.164 where it is known', () => {
    const phones = [contactPhone(phone('(415) 555-0100')), contactPhone(phone('12 34', { e164: null }), { primary: false })];
    expect(inputOf({ phones }).phones.map((item) => item.phone.raw)).toEqual(['+14155550100', '12 34']);
  });
});
