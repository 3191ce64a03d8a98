import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsExtendedRight, readAccessList, replicationRights } from '../../../core/active-directory/security-descriptor.ts';
import { formatSid, powerfulGroupOf } from '../../../core/active-directory/security-identifier.ts';
import { descriptorBytes, sidBytes } from '../../fixtures/security-descriptor.ts';

const domain = 'S-1-5-21-1-2-3';
const service = `${domain}-1104`;
const group = `${domain}-1200`;
const { getChangesAll, getChanges } = replicationRights;
const computer = 'bf967a86-0de6-11d0-a285-00aa003049e2';

describe('a security identifier', () => {
  it.each([
    ['S-1-5-32-544', 'Administrators'],
    ['S-1-5-32-551', 'Backup Operators'],
    ['S-1-5-32-545', null],
    [`${domain}-512`, 'Domain Admins'],
    [`${domain}-519`, 'Enterprise Admins'],
    [`${domain}-513`, null],
    [`${domain}-1512`, null],
    // A domain's own part may end like a group.
    ['S-1-5-21-1-2-512', null],
  ])('%s is of %s', (sid, name) => {
    expect(formatSid(sidBytes(sid))).toBe(sid);
    expect(powerfulGroupOf(sid)).toBe(name);
  });

  it('is nothing that is cut, too long, or of another revision', () => {
    const whole = sidBytes(service);
    expect(formatSid(whole.subarray(0, -1))).toBeNull();
    expect(formatSid(Buffer.concat([whole, Buffer.from([0])]))).toBeNull();
    expect(formatSid(Buffer.from([2, ...whole.subarray(1)]))).toBeNull();
    expect(formatSid(new Uint8Array())).toBeNull();
  });
});

describe('the right to replicate secrets', () => {
  const all = { right: getChangesAll };

  it.each<[string, Parameters<typeof descriptorBytes>[0], boolean]>([
    ['given to the account', [{ ...all, sid: service }], true],
    ['given to a group of it', [{ ...all, sid: group }], true],
    ['given to everybody who signed in', [{ ...all, sid: 'S-1-5-11' }], true],
    ['given to somebody else', [{ ...all, sid: `${domain}-1300` }], false],
    ['given with all extended rights', [{ sid: group }], true],
    ['given with full control', [{ sid: group, mask: 0x1000_0000 }], true],
    ['not given with other rights on the object', [{ ...all, sid: service, mask: 0x10 }], false],
    ['not given with another right', [{ right: getChanges, sid: service }], false],
    ['given for children only', [{ ...all, sid: service, flags: 0x0a }], false],
    ['given and inherited', [{ ...all, sid: service, flags: 0x12 }], true],
    ['given with a type of children', [{ ...all, inherited: computer, sid: service }], true],
    [
      'denied before it is given',
      [
        { ...all, sid: group, allows: false },
        { ...all, sid: service },
      ],
      false,
    ],
    [
      'given before it is denied',
      [
        { ...all, sid: service },
        { ...all, sid: group, allows: false },
      ],
      true,
    ],
    ['nowhere', [], false],
  ])('%s', (_, entries, expected) => {
    const list = readAccessList(descriptorBytes(entries));

    expect(holdsExtendedRight(list ?? [], new Set([service, group, 'S-1-5-11']), getChangesAll)).toBe(expected);
  });

  it('says nothing where there is no list, or a broken one', () => {
    const whole = descriptorBytes([{ ...all, sid: service }]);
    const noList = Buffer.from(whole);
    noList.writeUInt32LE(0, 16);

    expect(readAccessList(noList)).toBeNull();
    expect(readAccessList(whole.subarray(0, -4))).toBeNull();
    expect(readAccessList(new Uint8Array())).toBeNull();
  });

  it('is read from any bytes without an error', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 8, maxLength: 80 }).map((rest) => Uint8Array.from([...descriptorBytes([]).subarray(0, 20), ...rest])),
    );
    fc.assert(
      fc.property(bytes, (any) => {
        const list = readAccessList(any);
        expect(list === null || list.length <= any.length).toBe(true);
      }),
    );
  });
});
