import { describe, expect, it } from 'vitest';
import { ownedElsewhere, psaAdapter } from '../../../core/enrich/ownership.ts';
import type { AdapterLink, Contact } from '../../../core/model/contact.ts';
import { contact, contactState, testMoment } from '../../fixtures/build.ts';

function link(partial: Partial<AdapterLink> = {}): AdapterLink {
  return { adapter: 'Autotask', remoteId: '5', sync: true, orphaned: false, ...partial };
}

function owned(partial: Partial<Contact>, refusedAtUpdate: number | 'unknown' | null = null): boolean {
  return ownedElsewhere(contact(partial), contactState({ refusedAtUpdate })) !== null;
}

describe('ownedElsewhere', () => {
  it('E9 a contact that an adapter syncs is owned elsewhere, whichever adapter', () => {
    expect(owned({ adapters: [link()] })).toBe(true);
    expect(owned({ adapters: [link({ adapter: 'Microsoft' })] })).toBe(true);
  });

  it('E9 a link without sync, or orphaned, does not own it', () => {
    expect(owned({ adapters: [link({ sync: false })] })).toBe(false);
    expect(owned({ adapters: [link({ orphaned: true })] })).toBe(false);
  });

  it('E9 a PSA integration whose adapter is not listed owns it', () => {
    expect(owned({ psaIntegration: 'enabled' })).toBe(true);
    expect(owned({ psaIntegration: 'orphaned' })).toBe(false);
  });

  it('E9 a contact that refused is owned elsewhere until its updated-at changes', () => {
    expect(owned({ updatedAt: testMoment }, testMoment)).toBe(true);
    expect(owned({ updatedAt: testMoment + 1 }, testMoment)).toBe(false);
    expect(owned({ updatedAt: null }, 'unknown')).toBe(true);
    expect(owned({ updatedAt: testMoment }, 'unknown')).toBe(false);
  });

  it('E9 a contact that nobody else has is free', () => {
    expect(owned({})).toBe(false);
    expect(ownedElsewhere(contact(), undefined)).toBeNull();
  });
});

describe('psaAdapter', () => {
  it('P3 finds the link of the PSA in use without regard to case, orphaned and switched-off ones too', () => {
    const off = link({ adapter: 'KASEYA BMS', sync: false });
    expect(psaAdapter([link(), off], ['Kaseya BMS'])).toBe(off);
    expect(psaAdapter([link()], ['Kaseya BMS'])).toBeNull();
  });
});
