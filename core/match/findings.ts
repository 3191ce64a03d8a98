import { type ContactIndex, contactAt } from './contact-index.ts';
import type { MatchCandidate } from './match-outcome.ts';

/** What speaks for a contact. Of each kind the first that is found counts, so the strongest is looked for first. */
export interface Evidence {
  readonly kind: 'e-mail' | 'name' | 'phone' | 'hand';
  /** The sum over a contact's evidence puts the candidates in order. */
  readonly score: number;
  readonly words: string;
}

/** A contact that came up for a user, by its position in the index. */
export interface Finding {
  readonly position: number;
  readonly step: MatchCandidate['step'];
  readonly evidence: readonly Evidence[];
}

export type Findings = Map<number, Finding>;

export function addFinding(findings: Findings, position: number, evidence: Evidence, step: Finding['step'] = 'M10'): void {
  const known = findings.get(position);
  if (known === undefined) findings.set(position, { position, step, evidence: [evidence] });
  else if (!known.evidence.some((each) => each.kind === evidence.kind)) {
    findings.set(position, { ...known, evidence: [...known.evidence, evidence] });
  }
}

/** The findings in the order in which they are shown; equally good ones by the contact's id. */
export function ranked(findings: Findings): readonly Finding[] {
  return [...findings.values()].sort((left, right) => scoreOf(right) - scoreOf(left) || left.position - right.position);
}

export function toCandidate(finding: Finding, index: ContactIndex): MatchCandidate {
  const contact = contactAt(index, finding.position);
  const name = contact.name.trim() || [contact.firstName, contact.lastName].filter((part) => part !== null).join(' ');
  return { contactId: contact.id, name, step: finding.step, evidence: finding.evidence.map((each) => each.words) };
}

function scoreOf(finding: Finding): number {
  return finding.evidence.reduce((sum, each) => sum + each.score, 0);
}
