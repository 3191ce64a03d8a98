import { spawnSync } from 'node:child_process';
import { postgresMissing } from './postgres.ts';
import { sambaMissing } from './samba-directory.ts';
import { slapdMissing } from './slapd.ts';
import { squidMissing } from './squid.ts';

const missing = {
  samba: sambaMissing,
  slapd: slapdMissing,
  squid: squidMissing,
  postgres: postgresMissing,
  systemdNotify: systemdNotifyMissing,
  debianTools: () => programsMissing('dpkg-deb', 'systemd-analyze'),
} as const;

/** Python is what listens on the other side: Node has no sockets of that kind. */
function systemdNotifyMissing(): string | null {
  return programsMissing('systemd-notify', 'python3');
}

function programsMissing(...programs: readonly string[]): string | null {
  const lacking = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
  return lacking.length === 0 ? null : `${lacking.join(' and ')} cannot be run`;
}

/**
 * Tells whether a suite must be skipped because a real part is missing, says so on standard error, and gives the words for its
 * name. Where the environment says CI, a missing part is a failure: a pipeline that skips proves nothing.
 */
export function partFor(suite: string, part: keyof typeof missing): { readonly isMissing: boolean; readonly title: string } {
  const reason = missing[part]();
  if (reason === null) return { isMissing: false, title: suite };
  if ((process.env['CI'] ?? '') !== '') throw new Error(`${suite}: ${reason}; CI needs it`);
  process.stderr.write(`SKIPPED: ${suite}: ${reason}\n`);
  return { isMissing: true, title: `${suite} (skipped: ${reason})` };
}
