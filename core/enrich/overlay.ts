import type { OverlayAsset, OverlayValues } from '../model/contact.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { FieldChange } from '../model/plan.ts';
import type { Moment } from '../model/time.ts';

const dayMs = 86_400_000;
const noteStart = '--- Active Directory (kept by rollcall) ---';
const noteEnd = '--- end of Active Directory ---';

/** A moment as the overlay shows it: `2026-11-20 08:15 UTC`. */
export function showMoment(moment: Moment): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The moment that a shown text means, or `null` when it is a word. */
export function parseShownMoment(text: string): Moment | null {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) UTC/.exec(text);
  if (match === null) return null;
  const moment = Date.parse(`${match[1]}T${match[2]}:00Z`);
  return Number.isNaN(moment) ? null : moment;
}

/** The four overlay fields of a user, as text (E7). Unknown is said, never guessed. */
export function overlayValues(user: DirectoryUser, status: AdStatus): OverlayValues {
  const { lastLogon, passwordLastSet, passwordExpires } = user.account;
  return {
    adStatus: status,
    lastLogon: show(lastLogon),
    lastPasswordReset: show(passwordLastSet),
    passwordExpires: show(passwordExpires),
  };
}

function show(value: Moment | string | null): string {
  if (value === null) return 'unknown';
  return typeof value === 'number' ? showMoment(value) : value;
}

/**
 * The fields of the overlay that are to be written, or `null`: status and password dates at once, the last logon only when it moved by
 * `logonDays` or more, because it moves every day (E7). When anything is written, everything is.
 */
export function overlayDifference(
  current: { readonly name: string; readonly values: OverlayValues },
  wanted: { readonly name: string; readonly values: OverlayValues },
  logonDays: number,
): Readonly<Record<string, FieldChange>> | null {
  const fields: Record<string, FieldChange> = {};
  const compare = (field: string, from: string, to: string): void => {
    if (from !== to) fields[field] = { from: from === '' ? null : from, to };
  };
  compare('Name', current.name, wanted.name);
  compare('AD Status', current.values.adStatus, wanted.values.adStatus);
  compare('Last Password Reset', current.values.lastPasswordReset, wanted.values.lastPasswordReset);
  compare('Password Expires', current.values.passwordExpires, wanted.values.passwordExpires);
  const due = Object.keys(fields).length > 0 || logonMoved(current.values.lastLogon, wanted.values.lastLogon, logonDays);
  if (!due) return null;
  compare('Last Logon', current.values.lastLogon, wanted.values.lastLogon);
  return fields;
}

function logonMoved(from: string, to: string, days: number): boolean {
  if (from === to) return false;
  const before = parseShownMoment(from);
  const after = parseShownMoment(to);
  return before === null || after === null || Math.abs(after - before) >= days * dayMs;
}

/** Picks the asset of a contact; when people made several, the first by id, always the same one. */
export function indexOverlays(assets: readonly OverlayAsset[]): ReadonlyMap<string, OverlayAsset> {
  const byContact = new Map<string, OverlayAsset>();
  for (const asset of assets) {
    // One that people made for several contacts is theirs: writing it would take the others' tags away.
    const [contact, ...others] = asset.contactIds;
    if (contact === undefined || others.length > 0) continue;
    const known = byContact.get(contact);
    if (known === undefined || compareIds(asset.id, known.id) < 0) byContact.set(contact, asset);
  }
  return byContact;
}

function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Reads the overlay block out of a contact's notes; `null` when there is none. */
export function readOverlayNotes(notes: string | null): OverlayValues | null {
  const block = findBlock(notes);
  if (notes === null || block === null) return null;
  const lines = notes.slice(block.start, block.end).split('\n');
  const value = (name: string): string => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  return {
    adStatus: value('AD Status'),
    lastLogon: value('Last Logon'),
    lastPasswordReset: value('Last Password Reset'),
    passwordExpires: value('Password Expires'),
  };
}

/** The notes with the overlay block put in or replaced in place; everything else in them stays as it is. */
export function writeOverlayNotes(notes: string | null, values: OverlayValues): string {
  const text = [
    noteStart,
    `AD Status: ${values.adStatus}`,
    `Last Logon: ${values.lastLogon}`,
    `Last Password Reset: ${values.lastPasswordReset}`,
    `Password Expires: ${values.passwordExpires}`,
    noteEnd,
  ].join('\n');
  if (notes === null || notes === '') return text;
  const block = findBlock(notes);
  return block === null ? `${notes}\n\n${text}` : `${notes.slice(0, block.start)}${text}${notes.slice(block.end)}`;
}

/** The notes that people wrote, without the overlay block; `null` when nothing else is in them. */
export function withoutOverlayNotes(notes: string | null): string | null {
  const block = findBlock(notes);
  const rest = notes === null || block === null ? notes : `${notes.slice(0, block.start)}${notes.slice(block.end)}`;
  return rest === null || rest.trim() === '' ? null : rest;
}

function findBlock(notes: string | null): { readonly start: number; readonly end: number } | null {
  if (notes === null) return null;
  const start = notes.indexOf(noteStart);
  const end = start < 0 ? -1 : notes.indexOf(noteEnd, start);
  return end < 0 ? null : { start, end: end + noteEnd.length };
}
