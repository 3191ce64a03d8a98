import { describe, expect, it } from 'vitest';
import {
  hasToConfirm,
  judgeTrial,
  mayPutBack,
  type ReleaseFacts,
  type Standing,
  standingOf,
  trialPatienceMs,
} from '../../../core/upgrade/standing.ts';

const none: ReleaseFacts = { own: null, isPrevious: false, hasPrevious: false, confirmed: null, refused: null };
const installed: ReleaseFacts = { ...none, own: 'new', hasPrevious: true, confirmed: 'old' };
const fallback: ReleaseFacts = { ...none, own: 'old', isPrevious: true, confirmed: 'old', refused: 'new' };

describe('how a release stands when it is started', () => {
  it.each<readonly [string, ReleaseFacts, Standing]>([
    ['a checkout has no trial', { ...none, confirmed: 'old', refused: 'other' }, 'unmanaged'],
    ['a new one beside an old one', installed, 'trial'],
    ['a new one where nothing was ever confirmed', { ...installed, confirmed: null }, 'trial'],
    ['a new one whose tries were refused, started all the same', { ...installed, refused: 'new' }, 'trial'],
    ['a new one after another was refused', { ...installed, refused: 'other' }, 'trial'],
    ['one without another beside it', { ...installed, hasPrevious: false }, 'first'],
    ['the confirmed one', { ...installed, confirmed: 'new' }, 'confirmed'],
    ['the confirmed one, though refused before', { ...installed, confirmed: 'new', refused: 'new' }, 'confirmed'],
    ['the one before, in the place of a refused one', fallback, 'fallback'],
    ['the one before, where the refusal could not be written', { ...fallback, refused: null }, 'fallback'],
    ['the one before, where nothing is known', { ...fallback, refused: null, confirmed: null }, 'fallback'],
    ['the one before, when a command has confirmed the refused one', { ...fallback, confirmed: 'new' }, 'overtaken'],
  ])('%s', (_, facts, standing) => {
    expect(standingOf(facts)).toBe(standing);
  });

  it('a command that writes has to confirm a release on trial, and no other', () => {
    expect(hasToConfirm(installed)).toBe(true);
    expect([none, fallback, { ...installed, confirmed: 'new' }, { ...installed, hasPrevious: false }].map(hasToConfirm)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('who may put the store back', () => {
  it.each<readonly [string, Partial<ReleaseFacts>, boolean]>([
    ['the one before, in the place of a refused one', {}, true],
    ['where nothing was ever confirmed', { confirmed: null }, true],
    ['H1 never when the refused one was confirmed: it may have written outside', { confirmed: 'new' }, false],
    ['nobody, when none was refused', { refused: null }, false],
    ['not the refused one itself', { own: 'new' }, false],
    ['not a checkout', { own: null }, false],
  ])('%s', (_, change, may) => {
    expect(mayPutBack({ ...fallback, ...change })).toBe(may);
  });
});

describe('a trial', () => {
  it.each([
    ['STORE_UNUSABLE', 'unwell'],
    ['CONFIG_INVALID', 'unwell'],
    ['UPGRADE_UNWELL', 'unwell'],
    ['INTERNAL', 'unwell'],
    ['INTERRUPTED', 'not judged'],
    ['SERVICE_RUNNING', 'not judged'],
    ['STORE_LOCKED', 'not judged'],
  ])('that ends with %s is %s', (code, verdict) => {
    expect(judgeTrial(code)).toBe(verdict);
  });

  it('has a minute, and more with a store that takes a slow disk longer to copy', () => {
    const mebibyte = 1024 * 1024;

    expect([0, 100 * mebibyte, 600 * mebibyte, 1_200 * mebibyte].map(trialPatienceMs)).toEqual([60_000, 60_000, 60_000, 120_000]);
    expect(trialPatienceMs(null)).toBe(600_000);
  });
});
