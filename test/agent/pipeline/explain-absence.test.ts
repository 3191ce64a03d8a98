import { describe, expect, it } from 'vitest';
import { contactRow } from '../../../agent/pipeline/contact-rows.ts';
import { explainSteps } from '../../../agent/pipeline/explain-steps.ts';
import type { DirectoryUser } from '../../../core/model/directory-user.ts';
import { directoryUser, testMoment } from '../../fixtures/build.ts';

const day = '2026-01-05';

function collectedStep(user: DirectoryUser) {
  return explainSteps(user, null, { state: undefined, now: 0 })[0];
}

describe('explaining a user whom nobody sees', () => {
  it.each([
    ['absent', `The latest complete read did not bring the user (missed since ${day}`],
    ['missing', `The user is missing since ${day}`],
    ['gone', `The user was deleted: its tombstone has been seen since ${day}`],
    ['out', `The user is out of the configured scope since ${day}`],
  ] as const)('C10 M11 says that it is %s, since when and why', (presence, words) => {
    const user = directoryUser({ presence, absence: { since: testMoment, why: 'what the look has shown' } });

    expect(collectedStep(user)).toMatchObject({ stage: 'collect', rule: 'C10', decision: expect.stringContaining(words) });
    expect(collectedStep(user)?.details).toContain('why: what the look has shown');
    expect(contactRow(user, { decision: null, state: undefined, contactStates: new Map() }, testMoment)).toMatchObject({
      presence,
      absence: { since: new Date(testMoment).toISOString(), why: 'what the look has shown' },
    });
  });

  it('C10 says no moment and no reason that it does not know', () => {
    const user = directoryUser({ presence: 'absent' });

    expect(collectedStep(user)).toMatchObject({
      decision: 'The latest complete read did not bring the user; nothing is concluded from that.',
      details: ['directory corp', `last seen as ${user.dn}`, 'seen by acme-hq'],
    });
    expect(contactRow(user, { decision: null, state: undefined, contactStates: new Map() }, testMoment).absence).toBeNull();
  });

  it('C1 says that a user who is there was brought', () => {
    expect(collectedStep(directoryUser())).toMatchObject({ rule: 'C1', decision: 'The latest complete read brought the user.' });
  });
});
