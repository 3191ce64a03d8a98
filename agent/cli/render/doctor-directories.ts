import type { View } from '../answer.ts';
import type { FindingDocument, FindingState } from '../documents-doctor.ts';
import { wrapText } from '../terminal/text-width.ts';

const order: readonly FindingState[] = ['ok', 'note', 'warning', 'problem'];

/** What is the same of several servers of a directory, told once, with the names of all of them. */
export function sameOfServers(findings: readonly FindingDocument[]): readonly FindingDocument[] {
  const merged = new Map<string, FindingDocument>();
  for (const finding of findings) {
    const { server, ...rest } = finding;
    const key = JSON.stringify(rest);
    const known = server === undefined ? undefined : merged.get(key);
    // Told of one server alone, it has its own key.
    if (known?.server === undefined) merged.set(server === undefined ? `${key} ${merged.size}` : key, finding);
    else merged.set(key, { ...finding, server: `${known.server}, ${server}` });
  }
  return [...merged.values()];
}

/** Each directory with its servers: what is well in full, what is not with a sign and a word, for it is told above. */
export function directoryLines(findings: readonly FindingDocument[], view: View): readonly string[] {
  const names = [...new Set(findings.map(({ subject }) => subject ?? ''))];
  return names.flatMap((name) => {
    const own = findings.filter(({ subject }) => (subject ?? '') === name);
    const servers = [...new Set(own.flatMap(({ server }) => server ?? []))];
    return [
      headLine(`Directory ${name}`, own, view),
      ...groupLines(
        own.filter(({ server }) => server === undefined),
        4,
        view,
      ),
      ...servers.flatMap((server) => {
        const about = own.filter((finding) => finding.server === server);
        return [`  ${headLine(server, about, view)}`, ...groupLines(about, 6, view)];
      }),
    ];
  });
}

function headLine(name: string, findings: readonly FindingDocument[], view: View): string {
  const worst = Math.max(0, ...findings.map(({ state }) => order.indexOf(state)));
  return `${signOf(order[worst] ?? 'ok', view)} ${view.style.strong(name)}`;
}

function groupLines(findings: readonly FindingDocument[], indent: number, view: View): readonly string[] {
  const width = Math.max(0, ...findings.map(({ code }) => labelOf(code).length));
  const margin = ' '.repeat(indent);
  return findings.flatMap((finding) => {
    const head = `${margin}${signOf(finding.state, view)} ${view.style.quiet(labelOf(finding.code).padEnd(width))}  `;
    const told = finding.state === 'ok' ? finding.seen : `see "${finding.code}" above`;
    const [first = '', ...rest] = wrapText(told, Math.max(30, view.width - indent - width - 4));
    return [`${head}${first}`, ...rest.map((line) => `${margin}${' '.repeat(width + 4)}${line}`)];
  });
}

function signOf(state: FindingState, { style }: View): string {
  return { problem: style.bad('✘'), warning: style.warning('!'), note: style.accent('·'), ok: style.good('✔') }[state];
}

const labels: Readonly<Record<string, string>> = {
  DIRECTORY: 'sign-in',
  DIRECTORY_DNS: 'DNS',
  DIRECTORY_SIGN_IN: 'sign-in',
  DIRECTORY_SIGNING: 'clear text',
  DIRECTORY_COVERAGE: 'other places',
  DIRECTORY_ATTRIBUTES: 'rights to read',
  DIRECTORY_EXCESS: 'rights too many',
  DIRECTORY_DELETED: 'deleted users',
  DIRECTORY_POLICY: 'passwords',
  DIRECTORY_ACCOUNT: 'own account',
  DIRECTORY_LOGONS: 'last logons',
};

/** `DIRECTORY_REACHABLE` → `reachable`. */
function labelOf(code: string): string {
  const label = labels[code];
  if (label !== undefined) return label;
  return code
    .replace(/^DIRECTORY_/u, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}
