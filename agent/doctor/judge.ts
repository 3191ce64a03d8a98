import type { FindingDocument } from '../cli/documents-doctor.ts';
import { notOk, ok, type Topic } from './finding.ts';

const megabyte = 1024 * 1024;
const day = 86_400_000;

/** A clock elsewhere, as one answer showed it. Times are milliseconds since 1970. */
export interface ClockSample {
  readonly source: string;
  /** What the other clock said. */
  readonly theirs: number;
  /** What ours said, in the middle between question and answer. */
  readonly ours: number;
  /** How far it may be wrong: half the way there and back, and the other clock's grain. */
  readonly uncertainMs: number;
}

const clockLimits = { warningMs: 30_000, problemMs: 300_000 } as const;

/** Compares this machine's clock with the others. When those do not agree with each other, it is not this clock that is accused. */
export function judgeClock(samples: readonly ClockSample[]): FindingDocument {
  const topic = { part: 'machine', subject: null, code: 'CLOCK' } as const;
  if (samples.length === 0) return notOk(topic, 'note', 'not compared: nobody answered who tells the time', null);
  const skews = samples.map(({ theirs, ours, uncertainMs }) => {
    const skew = ours - theirs;
    return Math.sign(skew) * Math.max(0, Math.abs(skew) - uncertainMs);
  });
  const told = samples.map(({ source }, index) => `${skewText(skews[index] ?? 0)} (${source})`).join(', ');
  const spread = Math.max(...skews) - Math.min(...skews);
  if (spread > clockLimits.warningMs) {
    return notOk(topic, 'warning', `the clocks of others disagree: ${told}`, 'Check the clock of the one that is apart from the others.');
  }
  const worst = Math.max(...skews.map(Math.abs));
  const remedy = 'Have this machine synchronise its time (chrony or systemd-timesyncd; w32time in a domain).';
  if (worst > clockLimits.problemMs) return notOk(topic, 'problem', told, remedy);
  return worst > clockLimits.warningMs ? notOk(topic, 'warning', told, remedy) : ok(topic, told);
}

function skewText(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return seconds === 0 ? 'right' : `${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
}

/** Free space for this account in a folder. */
export function judgeDisk(folder: string, freeBytes: number | null): FindingDocument {
  const topic: Topic = { part: 'machine', subject: folder, code: 'DISK_SPACE' };
  if (freeBytes === null) return notOk(topic, 'note', 'the free space cannot be told', null);
  const seen = `${sizeText(freeBytes)} free`;
  const remedy = `Free some space on the disk of ${folder}; retention.journal says how long runs are kept.`;
  if (freeBytes < 100 * megabyte) return notOk(topic, 'problem', seen, remedy);
  return freeBytes < 500 * megabyte ? notOk(topic, 'warning', seen, remedy) : ok(topic, seen);
}

/** What a file or folder lets others do. */
export interface FileFacts {
  readonly path: string;
  readonly what: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  /** Private: nobody else may read it. Else nobody else may write it. */
  readonly kind: 'private file' | 'private folder' | 'shared file';
  /** Others can come as far as the file: every folder above lets them pass. */
  readonly reachable: boolean;
}

/** Judges modes and owners; `ownUid` is the account that looks. What is as it should be is told in one finding. */
export function judgeFiles(files: readonly FileFacts[], ownUid: number): readonly FindingDocument[] {
  const judged = files.map((file) => ({ file, objection: objectionTo(file, ownUid) }));
  const fine = judged.filter(({ objection }) => objection === null).map(({ file }) => `${file.what} ${modeText(file)}`);
  return [
    ...judged.flatMap(({ objection }) => objection ?? []),
    ...(fine.length === 0 ? [] : [ok({ part: 'machine', subject: null, code: 'FILE_MODES' }, fine.join(', '))]),
  ];
}

function objectionTo(file: FileFacts, ownUid: number): FindingDocument | null {
  const topic: Topic = { part: 'machine', subject: file.path, code: 'FILE_MODES' };
  const forbidden = file.kind === 'shared file' ? 0o022 : 0o077;
  const shown = `${file.what}, mode ${modeText(file)}`;
  if ((file.mode & forbidden) !== 0 && file.reachable) {
    const wanted = { 'private file': '600', 'private folder': '700', 'shared file': 'go-w' }[file.kind];
    const verb = file.kind === 'shared file' ? 'write' : 'read';
    return notOk(topic, 'warning', `${shown}: other accounts can ${verb} it`, `chmod ${wanted} ${quoted(file.path)}`);
  }
  if (file.uid !== ownUid && file.uid !== 0) {
    const remedy = 'Have it belong to the account that runs rollcall, or to root.';
    return notOk(topic, 'note', `${shown}: it belongs to another account (uid ${file.uid})`, remedy);
  }
  return null;
}

function modeText({ mode }: FileFacts): string {
  return mode.toString(8).padStart(4, '0');
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/u.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** A certificate's remaining time. */
export function judgeDaysLeft(topic: Topic, validTo: number, now: number, seen: string): FindingDocument {
  const days = Math.floor((validTo - now) / day);
  const shown = `${days} ${days === 1 ? 'day' : 'days'} left${seen}`;
  if (days < 0) return notOk(topic, 'problem', `ended ${-days} days ago${seen}`, 'Have the certificate renewed.');
  if (days < 7) return notOk(topic, 'warning', shown, 'Have the certificate renewed now.');
  return days < 21 ? notOk(topic, 'note', shown, 'It should be renewed by itself; look again in a week.') : ok(topic, shown);
}

/** How long the key was not used before this look, which uses it. `null`: not known. */
export function judgeKeyIdle(lastUsed: number | null, now: number): FindingDocument {
  const topic: Topic = { part: 'it-glue', subject: null, code: 'ITGLUE_KEY_IDLE' };
  if (lastUsed === null) return ok(topic, 'used now; no sync before');
  const days = Math.floor((now - lastUsed) / day);
  const seen = days === 0 ? 'last sync today' : `last sync ${days} ${days === 1 ? 'day' : 'days'} ago`;
  const remedy = 'Let syncs run by schedule; this look has just used the key, so its 90 days begin anew.';
  return days > 60 ? notOk(topic, 'warning', seen, remedy) : ok(topic, seen);
}

/** Memory of the machine, or of its container. */
export function judgeMemory(totalBytes: number, availableBytes: number): FindingDocument {
  const topic: Topic = { part: 'machine', subject: null, code: 'MEMORY' };
  const seen = `${sizeText(availableBytes)} of ${sizeText(totalBytes)} available`;
  return availableBytes < 256 * megabyte
    ? notOk(topic, 'warning', seen, 'Give the machine more memory, or stop what else uses it.')
    : ok(topic, seen);
}

/** `1.4 GB`, `350 MB`, `12 KB`. */
export function sizeText(bytes: number): string {
  if (bytes >= 1024 * megabyte) return `${(bytes / (1024 * megabyte)).toFixed(1)} GB`;
  return bytes >= megabyte ? `${Math.round(bytes / megabyte)} MB` : `${Math.ceil(bytes / 1024)} KB`;
}
