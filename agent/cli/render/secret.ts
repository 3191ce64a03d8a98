import type { View } from '../answer.ts';
import type { SecretDeleteDocument, SecretListDocument, SecretRotateDocument, SecretSetDocument } from '../documents-secret.ts';
import { formatDate, plural } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { wrapText } from '../terminal/text-width.ts';
import { cutTable, sections } from './parts.ts';

export function renderSecretSet(document: SecretSetDocument, view: View): string {
  const done = view.style.good(document.replaced ? 'Replaced' : 'Stored');
  const next =
    document.usedBy.length === 0
      ? `write ${view.style.strong(`"${document.reference}"`)} into the configuration to use it`
      : `used by ${document.usedBy.join(', ')}; the next run takes it`;
  return `${done}  ${document.name}: ${next}`;
}

export function renderSecretList(document: SecretListDocument, view: View): string {
  const rows = document.secrets.map((secret): readonly Cell[] => [
    secret.name,
    formatDate(secret.setAt),
    usedText(document, secret.usedBy),
  ]);
  const missing = document.missing.map(
    ({ name, usedBy }) =>
      `${view.style.bad('missing')}  ${name}, used by ${usedBy.join(', ')}: rollcall secret set ${name}${view.sameOptions}`,
  );
  return sections(
    document.secrets.length === 0
      ? 'The vault is empty. Store a secret with "rollcall secret set NAME".'
      : cutTable(
          {
            columns: [
              { title: 'secret', givesWay: 0 },
              { title: 'set', givesWay: 0 },
              { title: 'used by', givesWay: 2 },
            ],
            rows,
          },
          rows.length,
          view,
        ),
    missing,
    keyLines(document, view),
  );
}

export function renderSecretDelete(document: SecretDeleteDocument, view: View): string {
  if (!document.deleted) {
    return 'Nothing was deleted.';
  }
  const used = document.usedBy.length === 0 ? '' : `; ${document.usedBy.join(', ')} still refers to it`;
  return `${view.style.good('Deleted')}  ${document.name}${used}`;
}

export function renderSecretRotate(document: SecretRotateDocument, view: View): string {
  const which = document.secrets === 1 ? 'is' : 'are';
  return (
    `${view.style.good('Rotated')}  ${plural(document.secrets, 'secret')} ${which} under the new key ${document.after}; ` +
    `the key ${document.before} is forgotten. Back up vault.json and vault.key again, together.`
  );
}

function usedText(document: SecretListDocument, usedBy: readonly string[]): string {
  if (document.configuration === null) {
    return '';
  }
  return usedBy.length === 0 ? '-' : usedBy.join(', ');
}

function keyLines({ key }: SecretListDocument, view: View): readonly string[] {
  if (key === null) {
    return [];
  }
  const places = { file: 'vault.key', dpapi: 'vault.key, protected by Windows', credential: 'a credential of systemd' } as const;
  const line = `key ${key.id} in ${places[key.kept]}, made on ${key.host}, ${formatDate(key.madeAt)}`;
  const { problem } = key;
  if (problem === null) {
    return [view.style.quiet(line)];
  }
  const text = wrapText(`${problem.message} ${problem.hint} (${problem.code})`, Math.max(30, view.width - 7));
  return [line, ...text.map((part, index) => `${index === 0 ? view.style.bad('Error') : '     '}  ${part}`)];
}
