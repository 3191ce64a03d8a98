import { describe, expect, it } from 'vitest';
import { contents, openFirstSync } from './first-sync.ts';
import { addContact, bmsWith, documentOf, person, rowOf, syncOf } from './people.ts';
import { duplicates, startSite, writes } from './site.ts';

describe('BMS that refuses', () => {
  it.concurrent.each(['unauthorized', 'bad-request', 'in-200'] as const)(
    'fails with exit 1 before any write when the credentials are refused (%s)',
    async (refusedSignIn) => {
      await using site = await openFirstSync();
      site.bms.switches.refusedSignIn = refusedSignIn;
      site.environment['TEST_BMS_PASSWORD'] = 'Wrong-Pa55-phrase';

      const sync = await site.call('sync', '--json');
      const validate = await site.call('validate', '--json');

      expect(sync.exit).toBe(1);
      expect(documentOf(sync)).toMatchObject({ error: { code: 'PSA_CREDENTIALS_REJECTED' } });
      expect(`${sync.stdout}${sync.stderr}${validate.stdout}`).not.toContain('Wrong-Pa55-phrase');
      expect(validate.exit).toBe(1);
      expect(writes(site)).toBe(0);
    },
  );

  it.concurrent('A4 reports a create that answers success:false inside 200 with exit 3, and tries it again', async () => {
    await using site = await openFirstSync();
    const expected = await (async () => {
      await using other = await openFirstSync();
      await other.call('sync');
      return contents(other);
    })();
    site.bms.faults.add({ kind: 'success-false', match: { method: 'POST', path: /contacts\/summary/ } });

    const sync = await site.call('sync', '--json');
    const next = await site.call('sync', '--json');
    const before = writes(site);
    const last = await site.call('sync', '--json');

    expect(sync.exit).toBe(3);
    expect(syncOf(sync).failed).toEqual([expect.objectContaining({ kind: 'push', system: 'psa', retryable: true })]);
    expect(syncOf(sync).applied.filter(({ kind }) => kind === 'push')).toHaveLength(1);
    expect(next.exit, next.stdout).toBe(0);
    expect(contents(site)).toEqual(expected);
    expect(duplicates(site)).toEqual([]);
    expect(last.exit).toBe(0);
    expect(writes(site)).toBe(before);
  });

  it.concurrent('signs in again when the token ends in mid-run', async () => {
    await using site = await openFirstSync();
    site.bms.faults.add({ kind: 'token-expired', match: { method: 'POST', path: /contacts\/summary/ } });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync).failed).toEqual([]);
    expect(duplicates(site)).toEqual([]);
  });

  it.concurrent.each([
    ['does not exist', { psa: { company: '777' } }, /no company 777/],
    ['has another name', { psa: {} }, /Candidates: Acme Fittings Inc \(250\).*organizations\.4711\.psa\.company = "250"/],
  ])('P12 pushes nothing and says why when the company %s; IT Glue is synced all the same', async (_name, sections, sentence) => {
    await using site = await startSite({ people: [person('anna')], sections });
    Object.assign(site.bms.data.accounts.get(site.company) ?? expect.fail(), { name: 'Acme Fittings Inc' });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(syncOf(sync).notices.join('\n')).toMatch(sentence);
    expect(site.itGlue.data.contacts.size).toBe(1);
    expect(site.bms.counts.writes).toBe(0);
    const row = await rowOf(site, 'anna');
    expect(row.psa.state).toBe('not-eligible');
    expect(row.psa.missing).toContain('company');
  });

  it.concurrent('P12 pushes nothing when two companies have the name', async () => {
    await using site = await startSite({ people: [person('anna')] });
    site.bms.data.addAccount({ id: 251, name: 'Acme Fittings' });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(0);
    expect(syncOf(sync).notices.join('\n')).toContain('Acme Fittings (250); Acme Fittings (251)');
    expect(site.bms.counts.writes).toBe(0);
  });

  it.concurrent('P7 pushes nothing for an organization whose type is not set to sync', async () => {
    await using site = await startSite({ people: [person('anna')], sections: { psa: { organizationTypes: ['Vendor'] } } });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(0);
    expect(site.bms.counts.writes).toBe(0);
    expect((await rowOf(site, 'anna')).psa).toMatchObject({ state: 'off', message: expect.stringContaining('not set to sync') as unknown });
  });
});

describe('P1 requirements of BMS', () => {
  it.concurrent('P1 lists for each contact what is missing', async () => {
    await using site = await startSite({
      people: [
        person('anna', { telephoneNumber: null }),
        person('bruno', { physicalDeliveryOfficeName: 'Moon Base' }),
        person('clara', { mail: null }),
        person('dario', { givenName: null }),
      ],
      sections: { collector: { name: 'hq', location: '' }, contacts: { createWhen: { require: ['lastName'] } }, psa: { blankPhone: '' } },
    });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(site.bms.counts.writes).toBe(0);
    const missing = async (user: string) => (await rowOf(site, user)).psa;
    expect(await missing('anna')).toMatchObject({ state: 'not-eligible', badge: false, missing: ['phone'] });
    expect(await missing('bruno')).toMatchObject({ state: 'not-eligible', missing: ['location'] });
    expect(await missing('clara')).toMatchObject({ state: 'not-eligible', missing: ['email'] });
    expect(await missing('dario')).toMatchObject({ state: 'not-eligible', missing: ['firstName'] });
  });

  it.concurrent('P2 sends the placeholder for a missing phone when it is configured', async () => {
    await using site = await startSite({
      people: [person('anna', { telephoneNumber: null })],
      sections: { psa: { blankPhone: '000-000-0000' } },
    });

    const sync = await site.call('sync', '--json');

    expect(sync.exit).toBe(0);
    expect(bmsWith(site, 'anna@acme.test').map(({ phones }) => phones.map(({ phone }) => phone))).toEqual([['000-000-0000']]);
    expect([...site.itGlue.data.contacts.values()].map(({ phones }) => phones)).toEqual([[]]);
  });

  it.concurrent.each([
    ['an e-mail type that BMS lacks', { emailType: 'Office' }, 'emailType'],
    ['a phone type that BMS lacks', { phoneType: 'Satellite' }, 'phoneType'],
    ['no phone type', { phoneType: '' }, 'phoneType'],
  ])('P1 does not push with %s', async (_name, psa, missing) => {
    await using site = await startSite({ people: [person('anna')], sections: { psa } });

    const sync = await site.call('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(site.bms.counts.writes).toBe(0);
    expect((await rowOf(site, 'anna')).psa).toMatchObject({ state: 'not-eligible', missing: [missing] });
  });

  it.concurrent('P1 pushes a contact as soon as what was missing is there', async () => {
    await using site = await startSite({ people: [person('anna', { telephoneNumber: null })], sections: { psa: { blankPhone: '' } } });
    await site.call('sync');
    const before = bmsWith(site, 'anna@acme.test');
    site.setPeople([person('anna')]);

    const sync = await site.call('sync', '--json');

    expect(before).toEqual([]);
    expect(sync.exit, sync.stdout).toBe(0);
    expect(bmsWith(site, 'anna@acme.test')).toHaveLength(1);
    expect((await rowOf(site, 'anna')).psa).toMatchObject({ state: 'pushed', badge: true, missing: [] });
  });
});

describe('P4 and P5', () => {
  const notYet = 'Record not yet pushed to Kaseya BMS. To trigger a push, try updating the record';

  async function openWithStranger() {
    const site = await startSite({ people: [person('anna')] });
    const stranger = addContact(site, 'stranger', {
      phones: [{ value: '14155550177' }],
      locationId: site.office.itGlue,
    });
    await site.call('sync');
    return { site, stranger };
  }

  it.concurrent('P4 leaves a contact without a user alone until a mapped field changes in IT Glue', async () => {
    const { site, stranger } = await openWithStranger();
    await using _site = site;
    const first = bmsWith(site, 'stranger@acme.test');
    const idle = await site.call('sync', '--json');
    const still = bmsWith(site, 'stranger@acme.test');
    site.itGlue.data.updateContact(stranger.id, { title: 'Visitor' });

    const sync = await site.call('sync', '--json');

    expect(first).toEqual([]);
    expect(syncOf(idle).notices.join('\n')).toContain('not yet pushed');
    expect(still).toEqual([]);
    expect(sync.exit, sync.stdout).toBe(0);
    expect(bmsWith(site, 'stranger@acme.test')).toMatchObject([{ firstName: 'Stranger', jobTitle: 'Visitor' }]);
  });

  it.concurrent('P4 says so for a match that was made before two-way was enabled', async () => {
    await using site = await startSite({ people: [person('anna')], sections: { contacts: { create: 'off' }, psa: { twoWay: false } } });
    addContact(site, 'anna', { phones: [{ value: '14155550177' }], locationId: site.office.itGlue });
    await site.call('sync');
    site.configure({ contacts: { create: 'off' } });
    await site.call('sync');

    expect(bmsWith(site, 'anna@acme.test')).toEqual([]);
    expect((await rowOf(site, 'anna')).psa).toMatchObject({ state: 'not-yet-pushed', badge: true, message: notYet });
  });

  it.concurrent('P5 asks before push --all; without a terminal and --yes it does nothing and exits with 2', async () => {
    const { site } = await openWithStranger();
    await using _site = site;
    const before = { ...site.itGlue.counts, both: writes(site) };

    const unanswered = await site.call('push', '--all', '--json');
    const spoken = await site.call('push', '--all');
    const after = writes(site);
    const confirmed = await site.call('push', '--all', '--yes', '--json');
    const idle = await site.call('push', '--all', '--yes', '--json');

    expect(unanswered.exit).toBe(2);
    expect(documentOf(unanswered)).toMatchObject({ error: { code: 'CONFIRMATION_NEEDED' } });
    expect(spoken.exit).toBe(2);
    expect(after).toBe(before.both);
    expect(confirmed.exit, confirmed.stdout).toBe(0);
    expect(bmsWith(site, 'stranger@acme.test')).toHaveLength(1);
    expect(idle.exit).toBe(0);
    expect(duplicates(site)).toEqual([]);
    expect(site.itGlue.counts.writes, 'P5 changes nothing in IT Glue').toBe(before.writes);
  });

  it.concurrent('P5 pushes chosen contacts only', async () => {
    const { site, stranger } = await openWithStranger();
    await using _site = site;
    const other = addContact(site, 'other', { phones: [{ value: '14155550178' }], locationId: site.office.itGlue });

    const push = await site.call('push', stranger.id, '--yes', '--json');
    const unknown = await site.call('push', '424242', '--yes', '--json');

    expect(push.exit, push.stdout).toBe(0);
    expect(bmsWith(site, 'stranger@acme.test')).toHaveLength(1);
    expect(bmsWith(site, 'other@acme.test')).toEqual([]);
    expect(other.id).not.toBe(stranger.id);
    expect(unknown.exit).toBe(2);
    expect(documentOf(unknown)).toMatchObject({ error: { code: 'CONTACT_NOT_FOUND' } });
  });

  it.concurrent('P5 reports a chosen contact that is not eligible, with what is missing, and exits with 3', async () => {
    await using site = await startSite({ people: [], sections: { psa: { blankPhone: '' } } });
    const lacking = addContact(site, 'lacking');

    const push = await site.call('push', lacking.id, '--yes', '--json');

    expect(push.exit).toBe(3);
    expect(documentOf(push)).toMatchObject({ notEligible: [{ contactId: lacking.id, missing: ['phone', 'location'] }], declined: false });
  });
});
