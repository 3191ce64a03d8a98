import { describe, expect, it } from 'vitest';
import {
  indexOverlays,
  overlayDifference,
  overlayValues,
  parseShownMoment,
  readOverlayNotes,
  showMoment,
  writeOverlayNotes,
} from '../../../core/enrich/overlay.ts';
import type { OverlayValues } from '../../../core/model/contact.ts';
import { contactId } from '../../../core/model/ids.ts';
import { directoryUser, testMoment } from '../../fixtures/build.ts';
import { overlayAsset } from '../../fixtures/build-plan.ts';

const day = 86_400_000;

function values(partial: Partial<OverlayValues> = {}): OverlayValues {
  return {
    adStatus: 'Enabled',
    lastLogon: showMoment(testMoment),
    lastPasswordReset: showMoment(testMoment - 30 * day),
    passwordExpires: 'never',
    ...partial,
  };
}

function difference(current: Partial<OverlayValues>, wanted: Partial<OverlayValues>, name = 'Jane Doe') {
  const found = overlayDifference({ name: 'Jane Doe', values: values(current) }, { name, values: values(wanted) }, 7);
  return found === null ? null : Object.keys(found);
}

describe('overlay', () => {
  it('E7 shows the four fields, unknown and the two words of C6 as such', () => {
    const account = { lastLogon: null, passwordLastSet: null, passwordExpires: 'at next logon' } as const;
    expect(overlayValues(directoryUser({ account }), 'Must change password')).toEqual({
      adStatus: 'Must change password',
      lastLogon: 'unknown',
      lastPasswordReset: 'unknown',
      passwordExpires: 'at next logon',
    });
  });

  it('E7 a moment is shown in UTC and read back', () => {
    expect(showMoment(testMoment)).toBe('2026-01-05 08:00 UTC');
    expect(parseShownMoment('2026-01-05 08:00 UTC')).toBe(testMoment);
    expect(parseShownMoment('never')).toBeNull();
  });

  it('E7 writes nothing when nothing changed', () => {
    expect(difference({}, {})).toBeNull();
  });

  it.each([
    ['AD Status', { adStatus: 'Disabled' }],
    ['Last Password Reset', { lastPasswordReset: showMoment(testMoment) }],
    ['Password Expires', { passwordExpires: showMoment(testMoment) }],
  ])('E7 writes %s at once', (field, wanted) => {
    expect(difference({}, wanted)).toEqual([field]);
  });

  it('E7 writes Last Logon only when it moved by overlayLogonDays or more', () => {
    expect(difference({}, { lastLogon: showMoment(testMoment + 7 * day - 60_000) })).toBeNull();
    expect(difference({}, { lastLogon: showMoment(testMoment + 7 * day) })).toEqual(['Last Logon']);
  });

  it('E7 writes a first Last Logon at once', () => {
    expect(difference({ lastLogon: 'never' }, {})).toEqual(['Last Logon']);
    expect(difference({ lastLogon: '' }, {})).toEqual(['Last Logon']);
  });

  it('E7 takes Last Logon along when something else is written', () => {
    expect(difference({}, { adStatus: 'Locked', lastLogon: showMoment(testMoment + day) })).toEqual(['AD Status', 'Last Logon']);
  });

  it('E7 follows a renamed user', () => {
    expect(difference({}, {}, 'Jane Roe')).toEqual(['Name']);
  });

  it('E7 of several assets of one contact always the same one is kept', () => {
    const assets = [overlayAsset({ id: '100' }), overlayAsset({ id: '99' }), overlayAsset({ id: '101' })];
    for (const order of [assets, assets.toReversed()]) expect(indexOverlays(order).get(contactId('1001'))?.id).toBe('99');
  });
});

describe('overlay in notes', () => {
  it('E7 is put below what people wrote, and read back', () => {
    const notes = writeOverlayNotes('Likes tea.', values());
    expect(notes.startsWith('Likes tea.\n\n')).toBe(true);
    expect(readOverlayNotes(notes)).toEqual(values());
  });

  it('E7 is replaced in place, and all else in the notes stays', () => {
    const notes = `${writeOverlayNotes('Above.', values())}\nBelow.`;
    const next = writeOverlayNotes(notes, values({ adStatus: 'Disabled' }));
    expect(next.startsWith('Above.\n\n')).toBe(true);
    expect(next.endsWith('\nBelow.')).toBe(true);
    expect(readOverlayNotes(next)?.adStatus).toBe('Disabled');
    expect(writeOverlayNotes(next, values())).toBe(notes);
  });

  it('E7 notes without it have none', () => {
    expect(readOverlayNotes(null)).toBeNull();
    expect(readOverlayNotes('AD Status: Enabled')).toBeNull();
  });
});
