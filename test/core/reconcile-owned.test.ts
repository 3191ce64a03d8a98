import { describe, expect, it } from 'vitest';
import { contactId, psaContactId } from '../../core/model/ids.ts';
import { afterPush, newContactState } from '../../core/plan/after-write.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { Reconciled, ReconcileInput } from '../../core/reconcile-input.ts';
import { organizationSettings, psaContact, testMoment } from '../fixtures/build.ts';
import { appliedMatch, changesOf, namedContact, namedUser, psaSnapshot, reconcileInput } from '../fixtures/build-plan.ts';

const microsoft = { adapter: 'Microsoft', remoteId: '9', sync: true, orphaned: false };
const jane = namedUser('jane', { person: { title: 'Analyst' } });
const owned = namedContact('jane', 0, { title: null, adapters: [microsoft] });

function run(partial: Partial<ReconcileInput>): Reconciled {
  const settings = organizationSettings({ contacts: { overlay: 'none' }, psa: { twoWay: true, settleMinutes: 0 } });
  return reconcile(reconcileInput({ settings, psa: psaSnapshot(), users: [jane], contacts: [owned], ...partial }));
}

describe('a contact that another integration owns, pushed anew', () => {
  it('E9 is pushed with the directory values that IT Glue does not take, and not called a conflict', () => {
    const { plan } = run({});

    expect(changesOf(plan, 'update')).toEqual([]);
    expect(changesOf(plan, 'push')[0]?.input.title).toBe('Analyst');
    expect(plan.conflicts.filter(({ field }) => field === 'title')).toEqual([]);
  });

  it('A6 E9 needs nothing more at the next run, and follows a later change of the directory', () => {
    const [push] = changesOf(run({}).plan, 'push');
    if (push === undefined) throw new Error('nothing was pushed');
    const kept = afterPush(push, psaContactId('7'), {
      contact: newContactState(contactId(owned.id)),
      now: testMoment,
      titleInSecondCall: true,
    });
    const inPsa = psaContact({ id: psaContactId('7'), title: 'Analyst', emails: [...push.input.emails], phones: [...push.input.phones] });
    const after = {
      userStates: [appliedMatch('jane', '1001')],
      contactStates: [...(kept.contacts ?? [])].map((state) => ({
        ...state,
        psaLink: state.psaLink && { ...state.psaLink, complete: true },
      })),
      contactBases: [...(kept.bases ?? [])],
      psa: psaSnapshot({ contacts: [inPsa] }),
    };

    const second = run(after);
    const promoted = run({ ...after, users: [namedUser('jane', { person: { title: 'Chief Analyst' } })] });

    expect(second.plan.changes).toEqual([]);
    expect(changesOf(promoted.plan, 'psa-update')[0]?.patch).toEqual({ title: 'Chief Analyst' });
  });
});
