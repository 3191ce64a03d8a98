import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VersionSkew, versionSkew } from '../../../core/collectors/version-skew.ts';

describe('the versions of a hub and its collectors', () => {
  it.each<[string, string, VersionSkew]>([
    ['1.4.0', '1.4.9', null],
    ['1.3.9', '1.4.0', null],
    ['1.5.0-rc.1', '1.4.0', null],
    ['1.2.9', '1.4.0', 'older'],
    ['1.6.0', '1.4.0', 'newer'],
    ['v1.10', '1.9.3', null],
    ['1.9.0', '2.0.0', 'older'],
    ['2.0.0', '1.9.0', 'newer'],
    ['0.1.0', '0.3.0', 'older'],
    ['', '1.4.0', null],
    ['unknown', '1.4.0', null],
    ['1.4.0', 'unknown', null],
    ['1', '9.0.0', null],
  ])('of %j at a hub of %j: %j', (collector, hub, skew) => {
    expect(versionSkew(collector, hub)).toBe(skew);
  });

  it('are seen alike from both sides, and whatever the fix', () => {
    const part = fc.nat({ max: 30 });
    const release = fc.record({ major: fc.nat({ max: 3 }), minor: part, fix: part });
    const mirrored = { older: 'newer', newer: 'older' } as const;
    fc.assert(
      fc.property(release, release, (theirs, ours) => {
        const skew = versionSkew(text(theirs), text(ours));
        expect(versionSkew(text(ours), text(theirs))).toBe(skew === null ? null : mirrored[skew]);
        expect(versionSkew(text({ ...theirs, fix: ours.fix }), text({ ...ours, fix: theirs.fix }))).toBe(skew);
        expect(skew === null).toBe(theirs.major === ours.major && Math.abs(theirs.minor - ours.minor) <= 1);
      }),
    );
  });
});

function text({ major, minor, fix }: { readonly major: number; readonly minor: number; readonly fix: number }): string {
  return `${major}.${minor}.${fix}`;
}
