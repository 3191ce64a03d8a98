import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import type { FindingDocument } from '../../../../agent/cli/documents-doctor.ts';
import { renderDoctor } from '../../../../agent/cli/render/doctor.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { doctorDocument } from '../samples.ts';

const view: View = { style: createStyle(false), width: 90, isTerminal: false, now: 0, sameOptions: '' };

function finding(code: string, state: FindingDocument['state'], more: Partial<FindingDocument> = {}): FindingDocument {
  const bad = state === 'ok' ? { why: null, remedy: null } : { why: 'Because.', remedy: 'Do this.' };
  return { part: 'directory', subject: 'corp', code: `DIRECTORY_${code}`, state, seen: `seen ${code}`, error: null, ...bad, ...more };
}

function rendered(...findings: readonly FindingDocument[]): string {
  return renderDoctor(doctorDocument({ findings }), view);
}

describe('directories in doctor', () => {
  it('are shown each with its servers, under the worst sign of theirs', () => {
    const text = rendered(
      finding('DNS', 'ok'),
      finding('REACHABLE', 'ok', { server: 'dc1' }),
      finding('CERTIFICATE', 'warning', { server: 'dc1' }),
      finding('DNS', 'note', { subject: 'other' }),
    );

    expect(text).toContain(
      [
        '! Directory corp',
        '    ✔ DNS  seen DNS',
        '  ! dc1',
        '      ✔ reachable    seen REACHABLE',
        '      ! certificate  see "DIRECTORY_CERTIFICATE" above',
        '· Directory other',
        '    · DNS  see "DIRECTORY_DNS" above',
      ].join('\n'),
    );
    expect(text).toContain('! Warning  Directory, corp, dc1 (DIRECTORY_CERTIFICATE)');
  });

  it('tell what is the same of several servers once', () => {
    const text = rendered(
      finding('SIGNING', 'note', { server: 'dc1' }),
      finding('SIGNING', 'note', { server: 'dc2' }),
      finding('CLOCK', 'warning', { server: 'dc1', seen: '31 s' }),
      finding('CLOCK', 'warning', { server: 'dc2', seen: '32 s' }),
    );

    expect(text.match(/^· Note/gm)).toHaveLength(1);
    expect(text).toContain('Directory, corp, dc1, dc2 (DIRECTORY_SIGNING)');
    expect(text.match(/^! Warning/gm)).toHaveLength(2);
  });

  it('keep a command on one line, so that it can be copied', () => {
    const command = `dsacls "${'OU=Very long,'.repeat(20)}DC=corp" /I:S /G "CORP\\svc:RP;userAccountControl;user"`;

    expect(rendered(finding('ATTRIBUTES', 'problem', { commands: [command] }))).toContain(`\n          ${command}\n`);
  });
});
