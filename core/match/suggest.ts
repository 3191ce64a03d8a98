import type { ContactId, UserId } from '../model/ids.ts';
import { emailKey } from '../normalize/email.ts';
import { bucketSize, type ContactIndex, contactAt, positionsOf } from './contact-index.ts';
import { addFinding, type Evidence, type Finding, type Findings, ranked, toCandidate } from './findings.ts';
import type { MatchCase, Step } from './match-case.ts';
import type { MatchCandidate } from './match-outcome.ts';
import { indexForSuggestions, look, maxPerKey, type SuggestionIndex, type SuggestionKeys, suggestionKeys } from './suggestion-index.ts';

/** M10: at most this many besides the candidates at the deciding step. */
const maxSuggestions = 5;

/** So many candidates at the deciding step are listed; `compared` tells how many there are. */
const maxListed = 50;

const sameName: Evidence = { kind: 'name', score: 90, words: 'same first and last name' };
const sameNameLoosely: Evidence = { kind: 'name', score: 60, words: 'same name but for accents, spaces or punctuation' };
const sameDisplayName: Evidence = { kind: 'name', score: 55, words: 'its name is the display name' };
const swappedName: Evidence = { kind: 'name', score: 50, words: 'first and last name swapped' };
const sameInitial: Evidence = { kind: 'name', score: 20, words: 'same last name and first initial' };
const takenOff: Evidence = { kind: 'hand', score: 0, words: 'taken off by hand' };

export interface Suggestions {
  readonly candidates: readonly MatchCandidate[];
  /** There are more than are listed. */
  readonly cut: boolean;
}

interface SuggestInput {
  readonly cases: readonly MatchCase[];
  readonly index: ContactIndex;
  readonly owners: ReadonlyMap<ContactId, UserId>;
}

/**
 * Lists, in the order of the cases, the candidates of each unmatched user, best first (M3, M10), and for matched users the
 * contacts that came close (M11). The work is bounded per user and key, so it grows with users plus contacts: of an e-mail or a
 * name that many contacts have, the first ones by id are taken, and the list says that it is cut.
 */
export function suggest(input: SuggestInput): readonly Suggestions[] {
  const keys = input.cases.map((each) => (isUnmatched(each) ? suggestionKeys(each.user) : null));
  const wanted = keys.filter((each) => each !== null);
  const found = wanted.length === 0 ? null : indexForSuggestions(wanted, input.cases, input.index, input.owners);
  const longLists = new Map<readonly number[], Suggestions>();
  return input.cases.map((each, position) => {
    const { decision } = each;
    const wantedKeys = keys[position] ?? null;
    if (wantedKeys !== null && found !== null) return suggestionsFor(each, wantedKeys, input, found);
    if (decision?.kind === 'kept') return closeOnes(each, input.index.byId.get(decision.contactId), input.index);
    if (decision?.kind === 'matched') return closeOnes(each, decision.position, input.index);
    if (decision?.kind !== 'ambiguous') return nothing;
    const list = longLists.get(decision.bucket) ?? longList(each, decision.step, decision.bucket, input.index);
    longLists.set(decision.bucket, list);
    return list;
  });
}

/** Those with a long list of candidates at the deciding step are not looked for further. */
function isUnmatched({ decision }: MatchCase): boolean {
  if (decision?.kind === 'ambiguous') return decision.bucket.length <= maxPerKey;
  return decision?.kind !== 'ignored' && decision?.kind !== 'kept' && decision?.kind !== 'matched';
}

function suggestionsFor(each: MatchCase, keys: SuggestionKeys, input: SuggestInput, found: SuggestionIndex): Suggestions {
  const findings: Findings = new Map();
  const cuts = [
    addExact(findings, each),
    addAddresses(findings, each, input.index),
    addNames(findings, keys, input, found),
    addWeak(findings, keys, found),
  ];
  addRejected(findings, each, input.index);

  const all = ranked(findings);
  const atStep = all.filter((finding) => finding.step !== 'M10' && !isTakenOff(finding));
  const others = all.filter((finding) => finding.step === 'M10' && !isTakenOff(finding));
  const listed = [...atStep, ...others.slice(0, maxSuggestions), ...all.filter(isTakenOff)];
  return {
    candidates: listed.map((finding) => toCandidate(finding, input.index)),
    cut: cuts.includes(true) || others.length > maxSuggestions,
  };
}

/** What M1 and M2 compare. Contacts of the same name are candidates of M2 only when no contact has the e-mail. */
function addExact(findings: Findings, each: MatchCase): boolean {
  for (const position of positionsOf(each.byEmail).slice(0, maxPerKey)) addFinding(findings, position, sameEmail(each), 'M1');
  const step = each.byEmail === undefined ? 'M2' : 'M10';
  for (const position of positionsOf(each.byName).slice(0, maxPerKey)) addFinding(findings, position, sameName, step);
  return bucketSize(each.byEmail) > maxPerKey || bucketSize(each.byName) > maxPerKey;
}

/** Other addresses of the user that are e-mails of a contact, of a taken one too: the user may be the person's other account. */
function addAddresses(findings: Findings, each: MatchCase, index: ContactIndex): boolean {
  const { aliases, userPrincipalName } = each.user.person;
  let cut = false;
  const add = (address: string | null, score: number, what: string) => {
    const key = emailKey(address);
    const positions = key === null ? [] : positionsOf(index.byEmail.get(key));
    for (const position of positions.slice(0, maxPerKey)) {
      addFinding(findings, position, { kind: 'e-mail', score, words: `its e-mail ${key} is ${what}` });
    }
    cut ||= positions.length > maxPerKey;
  };
  for (const alias of aliases.slice(0, maxPerKey)) add(alias, 80, 'an alias of the user');
  add(userPrincipalName, 75, 'its userPrincipalName');
  return cut || aliases.length > maxPerKey;
}

/** A taken contact of the same name may be the person's too; one with the names swapped hardly is. */
function addNames(findings: Findings, keys: SuggestionKeys, input: SuggestInput, found: SuggestionIndex): boolean {
  const byName = look(found.byLooseName, keys.name);
  const byDisplayName = look(found.byLooseName, keys.displayName);
  const bySwappedName = look(found.byLooseName, keys.swappedName);
  for (const position of byName.positions) addFinding(findings, position, sameNameLoosely);
  for (const position of byDisplayName.positions) addFinding(findings, position, sameDisplayName);
  for (const position of bySwappedName.positions) {
    if (!input.owners.has(contactAt(input.index, position).id)) addFinding(findings, position, swappedName);
  }
  return byName.cut || byDisplayName.cut || bySwappedName.cut;
}

/** Weak evidence, for contacts only that nobody has: those of others are known to be theirs. */
function addWeak(findings: Findings, keys: SuggestionKeys, found: SuggestionIndex): boolean {
  const byPhone = look(found.byPhone, keys.phone);
  for (const position of byPhone.positions) addFinding(findings, position, { kind: 'phone', score: 45, words: `same phone ${keys.phone}` });
  let cut = byPhone.cut;
  for (const part of keys.localParts) {
    const byLocalPart = look(found.byLocalPart, part);
    for (const position of byLocalPart.positions) {
      addFinding(findings, position, {
        kind: 'e-mail',
        score: 40,
        words: `its e-mail begins with ${part}@, as the user's e-mail or account name`,
      });
    }
    cut ||= byLocalPart.cut;
  }
  const byInitial = look(found.byLastNameAndInitial, keys.lastNameAndInitial);
  for (const position of byInitial.positions) addFinding(findings, position, sameInitial);
  return cut || byInitial.cut;
}

/** A user that was taken off a contact by hand waits for a hand: that contact stays a candidate whatever else speaks for it. */
function addRejected(findings: Findings, each: MatchCase, index: ContactIndex): void {
  for (const contact of each.state?.rejectedContactIds ?? []) {
    const position = index.byId.get(contact);
    if (position !== undefined) addFinding(findings, position, takenOff);
  }
}

function isTakenOff(finding: Finding): boolean {
  return finding.evidence.includes(takenOff);
}

/** Of the many contacts at the deciding step the first ones; one list for all users that have the same. */
function longList(each: MatchCase, step: Step, bucket: readonly number[], index: ContactIndex): Suggestions {
  const evidence = [step === 'M1' ? sameEmail(each) : sameName];
  const candidates = bucket.slice(0, maxListed).map((position) => toCandidate({ position, step, evidence }, index));
  return { candidates, cut: bucket.length > maxListed };
}

/** The other contacts that have the matched user's e-mail or name. */
function closeOnes(each: MatchCase, matched: number | undefined, index: ContactIndex): Suggestions {
  if (isNobodyElse(each.byEmail, matched) && isNobodyElse(each.byName, matched)) return nothing;
  const findings: Findings = new Map();
  const cut = addExact(findings, each);
  if (matched !== undefined) findings.delete(matched);
  const others = ranked(findings);
  const candidates = others.slice(0, maxSuggestions).map((finding) => toCandidate({ ...finding, step: 'M10' }, index));
  return { candidates, cut: cut || others.length > maxSuggestions };
}

function isNobodyElse(bucket: MatchCase['byEmail'], matched: number | undefined): boolean {
  return bucket === undefined || bucket === matched;
}

function sameEmail(each: MatchCase): Evidence {
  return { kind: 'e-mail', score: 100, words: `same e-mail ${each.email}` };
}

const nothing: Suggestions = { candidates: [], cut: false };
