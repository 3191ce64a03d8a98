import type { View } from '../answer.ts';
import type { DoctorDocument, DoctorPart, FindingDocument, FindingState } from '../documents-doctor.ts';
import { plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';
import { directoryLines, sameOfServers } from './doctor-directories.ts';
import { noticeLines, sections } from './parts.ts';

const partNames: Readonly<Record<DoctorPart, string>> = {
  machine: 'Machine',
  service: 'Service',
  store: 'Store',
  network: 'Network',
  'it-glue': 'IT Glue',
  psa: 'PSA',
  hub: 'Hub',
  directory: 'Directory',
};

/** The worst first, each with why and what to do; what is well is one short line each, by part, and by server for directories. */
export function renderDoctor(document: DoctorDocument, view: View): string {
  const of = (state: FindingState): readonly FindingDocument[] => document.findings.filter((finding) => finding.state === state);
  const states = ['problem', 'warning', 'note'] as const;
  return sections(
    ...states.flatMap((state) => sameOfServers(of(state)).map((finding) => findingLines(finding, view))),
    fineLines(
      of('ok').filter(({ part }) => part !== 'directory'),
      view,
    ),
    directoryLines(
      document.findings.filter(({ part }) => part === 'directory'),
      view,
    ),
    noticeLines(document.notices, view),
    verdict(document, view),
  );
}

function findingLines(finding: FindingDocument, view: View): readonly string[] {
  const { style } = view;
  const heads = { problem: style.bad('✘ Problem'), warning: style.warning('! Warning'), note: style.accent('· Note'), ok: '' } as const;
  const code = finding.error === null ? finding.code : `${finding.code}, ${finding.error}`;
  const facts: readonly (readonly [string, string | null])[] = [
    ['', finding.seen],
    ['why', finding.why],
    ['next', finding.remedy],
  ];
  return [
    `${heads[finding.state]}  ${style.strong(subjectOf(finding))} ${style.quiet(`(${code})`)}`,
    ...facts.flatMap(([name, text]) => (text === null ? [] : indented(name, text, view))),
    // A command that is broken into lines cannot be copied.
    ...(finding.commands ?? []).map((line) => `          ${style.strong(line)}`),
  ];
}

function subjectOf({ part, subject, server }: FindingDocument): string {
  return [partNames[part], ...(subject === null ? [] : [subject]), ...(server === undefined ? [] : [server])].join(', ');
}

function indented(name: string, text: string, view: View): readonly string[] {
  const [first = '', ...rest] = wrapText(text, Math.max(30, view.width - 10));
  return [`    ${view.style.quiet(name.padEnd(4))}  ${first}`, ...rest.map((line) => `          ${line}`)];
}

function fineLines(findings: readonly FindingDocument[], view: View): readonly string[] {
  const { style } = view;
  const parts = [...new Set(findings.map(({ part }) => part))];
  return parts.flatMap((part) => {
    const own = findings.filter((finding) => finding.part === part);
    return [
      `${style.good('✔')} ${style.strong(partNames[part])}`,
      ...own.flatMap(({ code, subject, seen }) => {
        const name = subject === null ? labelOf(code) : `${labelOf(code)} ${subject}`;
        const [first = '', ...rest] = wrapText(`${name}: ${seen}`, Math.max(30, view.width - 6));
        return [`    ${first}`, ...rest.map((line) => `      ${line}`)];
      }),
    ];
  });
}

/** `DISK_SPACE` → `disk space`. */
function labelOf(code: string): string {
  return code
    .replace(/^(?:ITGLUE|PSA)_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}

function verdict({ counts, state }: DoctorDocument, view: View): string {
  const { style } = view;
  const told = (['problem', 'warning', 'note'] as const).filter((name) => counts[name] > 0).map((name) => plural(counts[name], name));
  if (told.length === 0) return style.good(`All is well: ${plural(counts.ok, 'look')} and no objection.`);
  const text = `${told.join(', ')}; ${plural(counts.ok, 'look')} without objection.`;
  return state === 'problem' ? style.bad(text) : text;
}
