import { describe, expect, it } from 'vitest';
import type { MatchOutcome } from '../../../core/match/match-outcome.ts';
import type { AdStatus, Mailbox } from '../../../core/model/directory-user.ts';
import { contactId } from '../../../core/model/ids.ts';
import type { ContactSettings } from '../../../core/model/settings.ts';
import { judgeCreate, Namesakes } from '../../../core/plan/create-rule.ts';
import { directoryUser, organizationSettings, testUserId, userState } from '../../fixtures/build.ts';

function outcome(partial: Partial<MatchOutcome> = {}): MatchOutcome {
  return {
    userId: testUserId('jane'),
    state: 'unmatched',
    contactId: null,
    rule: null,
    isNew: false,
    contactPlace: null,
    reason: '',
    candidates: [],
    candidatesCut: false,
    rivals: [],
    rivalsCut: false,
    ambiguous: false,
    contested: false,
    returned: false,
    compared: { email: null, firstName: null, lastName: null, contactsWithEmail: 0, contactsWithName: 0 },
    ...partial,
  };
}

interface Given {
  readonly user?: Parameters<typeof directoryUser>[0];
  readonly status?: AdStatus;
  readonly match?: Partial<MatchOutcome>;
  readonly settings?: Partial<ContactSettings>;
  readonly state?: Parameters<typeof userState>[0];
  readonly others?: readonly Parameters<typeof directoryUser>[0][];
}

function judge({ user = {}, status = 'Enabled', match = {}, settings = {}, state, others = [] }: Given = {}) {
  const subject = directoryUser(user);
  return judgeCreate(subject, status, outcome(match), {
    settings: organizationSettings({ contacts: { create: 'auto', ...settings } }).contacts,
    state: state === undefined ? undefined : userState(state),
    namesakes: new Namesakes([subject, ...others.map((other) => directoryUser({ id: testUserId('other'), ...other }))]),
  });
}

const candidate = { contactId: contactId('1'), name: 'Jane', step: 'M10' as const, evidence: ['similar name'] };

describe('judgeCreate', () => {
  it('E3 auto creates for a user that nothing stands in the way of', () => {
    expect(judge()).toMatchObject({ create: true, rule: 'E3' });
  });

  const obstacles: readonly (readonly [string, Given, string])[] = [
    ['contacts.create is off', { settings: { create: 'off' } }, 'E3'],
    ['the user is ignored', { match: { state: 'ignored' } }, 'M6'],
    ['it is ambiguous', { match: { ambiguous: true } }, 'M3'],
    ['it is contested', { match: { contested: true } }, 'M4'],
    ['its contact was deleted', { match: { returned: true } }, 'M7'],
    ['its contact was deleted earlier', { state: { returned: true } }, 'M7'],
    ['there is a candidate', { match: { candidates: [candidate] } }, 'E3'],
    ['the user is absent', { user: { presence: 'absent' } }, 'E3'],
    ['the user is out of scope', { user: { presence: 'out' } }, 'E3'],
    ['the read was not complete', { user: { readComplete: false } }, 'E3'],
    ['it has no first name', { user: { person: { firstName: null } } }, 'E3'],
    ['it has no last name', { user: { person: { lastName: null } } }, 'E3'],
    ['it has no mail', { user: { person: { email: null } } }, 'E3'],
    ['it is disabled', { status: 'Disabled' }, 'E3'],
    ['it is expired', { status: 'Expired' }, 'E3'],
    ['it is gone', { status: 'Gone' }, 'E3'],
    ["it is rollcall's own account", { user: { isOwnAccount: true } }, 'E3'],
    ['another user has its e-mail', { others: [{ person: { firstName: 'Max', email: 'JANE.DOE@acme.test' } }] }, 'E3'],
    ['a user without e-mail has its name', { others: [{ person: { email: null } }] }, 'E3'],
  ];
  it.each(obstacles)('E3 auto creates nothing when %s', (_words, given, rule) => {
    expect(judge(given)).toMatchObject({ create: false, rule });
  });

  it.each<Mailbox>(['shared', 'room', 'equipment', 'system'])('E3 auto creates nothing for a %s mailbox', (mailbox) => {
    expect(judge({ user: { person: { mailbox } } }).create).toBe(false);
  });

  it.each<Mailbox>(['user', 'other', null])('E3 auto creates for the mailbox %s', (mailbox) => {
    expect(judge({ user: { person: { mailbox } } }).create).toBe(true);
  });

  it.each<AdStatus>(['Locked', 'Must change password', 'Password expired'])('E3 auto creates for the status %s', (status) => {
    expect(judge({ status }).create).toBe(true);
  });

  it('E3 createWhen takes the place of the default, list by list', () => {
    const createWhen = { require: ['phone'], statuses: ['Disabled'], mailboxes: ['room'] } as const;
    const room = { person: { mailbox: 'room', email: null, phone: { raw: '1', e164: null, extension: null } } } as const;
    expect(judge({ settings: { createWhen }, user: room, status: 'Disabled' }).create).toBe(true);
    expect(judge({ settings: { createWhen }, user: room, status: 'Enabled' }).create).toBe(false);
    expect(judge({ settings: { createWhen }, user: { person: { ...room.person, phone: null } }, status: 'Disabled' }).create).toBe(false);
  });

  it('E3 without any name nothing is created, whatever createWhen says', () => {
    const createWhen = { require: [], statuses: [], mailboxes: [] };
    const nameless = { person: { firstName: null, lastName: null } };
    expect(judge({ settings: { createWhen }, user: nameless }).create).toBe(false);
    expect(judge({ user: nameless, state: { createRequested: true } }).create).toBe(false);
  });

  it('E3 two users of one name with e-mails of their own are two people', () => {
    expect(judge({ others: [{ person: { email: 'jane2@acme.test' } }] }).create).toBe(true);
  });

  it('E3 a namesake that is absent stands in no way', () => {
    expect(judge({ others: [{ presence: 'absent' }] }).create).toBe(true);
  });

  it('E3 by hand it is created always', () => {
    const state = { createRequested: true, returned: true };
    const given: Given = {
      settings: { create: 'off' },
      match: { ambiguous: true, contested: true, returned: true, candidates: [candidate] },
      status: 'Disabled',
      user: { person: { email: null, mailbox: 'shared' } },
      others: [{}],
      state,
    };
    expect(judge(given)).toMatchObject({ create: true, rule: 'E3' });
  });

  it('E3 by hand too only from a complete read', () => {
    expect(judge({ state: { createRequested: true }, user: { readComplete: false } }).create).toBe(false);
    expect(judge({ state: { createRequested: true }, user: { presence: 'absent' } }).create).toBe(false);
  });
});
