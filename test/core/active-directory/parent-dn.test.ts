import { describe, expect, it } from 'vitest';
import { parentDn } from '../../../core/active-directory/parent-dn.ts';

describe('parentDn', () => {
  it.each([
    ['CN=Jane,OU=Staff,DC=corp', 'OU=Staff,DC=corp'],
    ['CN=Doe\\, Jane,OU=Staff,DC=corp', 'OU=Staff,DC=corp'],
    ['CN=back\\\\,OU=Staff', 'OU=Staff'],
    ['CN="Doe, Jane",OU=Staff', 'OU=Staff'],
    ['CN=Jane , OU=Staff', 'OU=Staff'],
    ['CN=Jane\\0ADEL:1,CN=Deleted Objects,DC=corp', 'CN=Deleted Objects,DC=corp'],
    ['DC=corp', null],
    ['', null],
  ])('of %s is %s', (dn, parent) => {
    expect(parentDn(dn)).toBe(parent);
  });
});
