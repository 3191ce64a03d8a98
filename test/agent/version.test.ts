import { describe, expect, it } from 'vitest';
import { version, versionText } from '../../agent/version.ts';

const build = { commit: '0123456789abcdef0123456789abcdef01234567', modified: false, date: '2026-11-02T08:00:00Z', target: 'win-x64' };

describe('what --version says', () => {
  it('is the version alone in a checkout', () => {
    expect(versionText()).toBe(version);
  });

  it('has the commit, the date and the platform in an executable', () => {
    expect(versionText(build)).toBe(`${version} (0123456789, built 2026-11-02, win-x64)`);
  });

  it('tells an executable that is not as committed', () => {
    expect(versionText({ ...build, modified: true })).toContain('0123456789 with changes,');
  });
});
