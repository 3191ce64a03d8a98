import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awaitedPush, awaitedText, durationText } from '../../../core/eligibility/awaited-push.ts';
import { decidePush, type PushQuestion } from '../../../core/eligibility/decide-push.ts';
import type { PushWant } from '../../../core/model/state.ts';
import { contact, contactPhone, contactState, location, psaContact, testMoment } from '../../fixtures/build.ts';
import { connectWiseRequirements, psaContext, pushCandidate } from '../../fixtures/build-plan.ts';

const minute = 60_000;
const want: PushWant = { rule: 'P3', since: testMoment };
const bms = { adapter: 'Kaseya BMS', remoteId: '9001', sync: true, orphaned: false };

function decide(
  more: Partial<PushQuestion> = {},
  settings: Parameters<typeof psaContext>[1] = {},
  snapshot: Parameters<typeof psaContext>[0] = {},
) {
  const psa = psaContext(snapshot, { ...settings, psa: { push: 'it-glue', settleMinutes: 15, ...settings.psa } });
  return decidePush({
    candidate: pushCandidate(),
    contact: contact(),
    state: undefined,
    want,
    psa,
    canary: null,
    now: testMoment,
    ...more,
  });
}

const twin = psaContact({ emails: [{ value: 'jane.doe@acme.test', typeId: '1', typeName: 'Work', primary: true }] });

describe('P10 what IT Glue is to push by itself', () => {
  it('P10 is waited for, and nothing is sent', () => {
    const decision = decide();

    expect(decision).toMatchObject({ view: { badge: true, state: 'waiting' }, action: { kind: 'none' }, awaited: { since: null } });
  });

  it('P4 is not what nothing asks for', () => {
    expect(decide({ want: null })).toMatchObject({ view: { state: 'not-yet-pushed' }, action: { kind: 'none' } });
    expect(decide({ want: null }).awaited).toBeUndefined();
  });

  it('P1 lists what is missing, by what the PSA asks for', () => {
    const decision = decide({ candidate: pushCandidate({ location: null }) });

    expect(decision.view).toMatchObject({ badge: false, state: 'not-eligible', missing: ['location'] });
    expect(decision.awaited).toBeUndefined();
  });

  it.each([
    ['adapter', { adapters: [bms] }],
    ['adapter that is orphaned', { adapters: [{ ...bms, orphaned: true }] }],
    ['psa-integration', { psaIntegration: 'enabled' }],
  ])('P10 has arrived when IT Glue shows its link: %s', (_words, shown) => {
    const decision = decide({ contact: contact(shown), state: contactState({ awaitedSince: testMoment - 60 * minute }) });

    expect(decision.view.state).toBe('linked');
    expect(decision.awaited).toBeUndefined();
  });

  it.each([
    [0, 15, false],
    [14, 15, false],
    [15, 15, true],
    [0, 0, false],
    [1, 0, true],
  ])('P10 is overdue after %i of %i minutes: %s', (minutes, settleMinutes, expected) => {
    const state = contactState({ awaitedSince: testMoment - minutes * minute });
    const { awaited, view } = decide({ state }, { psa: { settleMinutes } });

    expect(awaited?.isOverdue).toBe(expected);
    expect(view.state).toBe('waiting');
    expect(view.message?.includes('has not pushed')).toBe(expected);
  });

  it('P8 is held when the PSA has the contact already: IT Glue does not look', () => {
    const decision = decide({}, {}, { contacts: [twin] });

    expect(decision.view).toMatchObject({ state: 'held', candidates: [twin.id] });
    expect(decision.view.message).toContain('IT Glue would push a second one');
    expect(decision.action.kind).toBe('none');
  });

  it('P2 has no placeholder but the one that is in IT Glue', () => {
    const settings = { psa: { blankPhone: '000-000-0000' } };
    const without = decide({ candidate: pushCandidate({ phones: [] }) }, settings);
    const within = decide({ candidate: pushCandidate({ phones: [contactPhone('0000000000')] }) }, settings);

    expect(without.view).toMatchObject({ state: 'not-eligible', missing: ['phone'] });
    expect(without.view.message).toContain('psa.blankPhoneInItGlue');
    expect(within.view.state).toBe('waiting');
  });
});

describe('P10 the switch to direct', () => {
  const direct = { psa: { push: 'direct' as const, settleMinutes: 15 } };

  it.each([
    [0, 'none'],
    [14, 'none'],
    [15, 'push'],
  ])('P10 leaves what IT Glue was to push %i minutes ago to it: %s', (minutes, kind) => {
    const state = contactState({ awaitedSince: testMoment - minutes * minute });

    expect(decide({ state }, direct).action.kind).toBe(kind);
  });

  it('P2 sends the placeholder, not what stands for it in IT Glue', () => {
    const candidate = pushCandidate({ phones: [contactPhone('0000000000')] });
    const { action } = decide({ candidate }, { psa: { ...direct.psa, blankPhone: '000-000-0000' } });

    expect(action).toMatchObject({ kind: 'push', input: { phones: [{ phone: { raw: '000-000-0000' } }] } });
  });
});

describe('P8 a location without counterpart', () => {
  const connectWise = { requirements: connectWiseRequirements, displayName: 'ConnectWise PSA' };
  const direct = { psa: { push: 'direct' as const } };
  const moon = pushCandidate({ location: location({ id: '9', name: 'Moon' }) });

  it('P8 holds the contact where the PSA asks for none', () => {
    const { view, action } = decide({ candidate: moon }, direct, connectWise);

    expect(view).toMatchObject({
      state: 'held',
      message: 'Held: ConnectWise PSA has no location like "Moon" at the company (it has Head Office (77)): pin it with psa.locations',
    });
    expect(action.kind).toBe('none');
  });

  it('P1 makes it not eligible where the PSA asks for one', () => {
    expect(decide({ candidate: moon }, direct).view).toMatchObject({ state: 'not-eligible', missing: ['location'] });
  });

  it('P8 keeps nobody from being linked, and none without a location from being pushed', () => {
    expect(decide({ candidate: moon }, direct, { ...connectWise, contacts: [twin] }).action.kind).toBe('link');
    expect(decide({ candidate: pushCandidate({ location: null }) }, direct, connectWise).action.kind).toBe('push');
  });
});

describe('how long it did not come', () => {
  it.each([
    [0, '0 minutes'],
    [1, '1 minute'],
    [119, '119 minutes'],
    [120, '2 hours'],
    [2_879, '47 hours'],
    [2_880, '2 days'],
  ])('%i minutes are %s', (minutes, words) => {
    expect(durationText(minutes)).toBe(words);
  });

  it('P10 never goes back, and once overdue stays so', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(1_440), fc.nat(10_000), (waited, settle, more) => {
        const one = awaitedPush(0, settle, waited * minute);
        const other = awaitedPush(0, settle, (waited + more) * minute);

        expect(other.waited).toBeGreaterThanOrEqual(one.waited);
        if (one.isOverdue) expect(other.isOverdue).toBe(true);
        expect(awaitedPush(1_000, settle, 0)).toMatchObject({ waited: 0, isOverdue: false });
        expect(awaitedText(one, 'BMS').includes('has not pushed')).toBe(one.isOverdue);
      }),
    );
  });
});
