import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** The syslog priority of a level as systemd's journal reads it at the beginning of a line (sd-daemon(3)). */
export function journalPriority(level: string): string {
  const priorities: Readonly<Record<string, string>> = { error: '<3>', warn: '<4>', info: '<6>', debug: '<7>' };
  return priorities[level] ?? '<6>';
}

type Identify = (descriptor: number) => { readonly dev: number | bigint; readonly ino: number | bigint };

/** Says whether what is written to the stream goes to systemd's journal: `JOURNAL_STREAM` names the device and the inode. */
export function isJournalStream(
  stream: Writable & { readonly fd?: number },
  environment: Readonly<Record<string, string | undefined>>,
  identify: Identify = (descriptor) => fstatSync(descriptor, { bigint: true }),
): boolean {
  const named = environment['JOURNAL_STREAM'];
  if (named === undefined || stream.fd === undefined) return false;
  try {
    const { dev, ino } = identify(stream.fd);
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
