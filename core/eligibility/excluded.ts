import type { Organization } from '../model/contact.ts';
import type { PsaSettings } from '../model/settings.ts';
import { nameKey } from '../normalize/person-name.ts';

/** P7: why nothing of the organization goes to the PSA: its type or status is not set to sync. An empty selection means all. */
export function excludedBecause(
  { typeName, statusName }: Pick<Organization, 'typeName' | 'statusName'>,
  settings: Pick<PsaSettings, 'organizationTypes' | 'organizationStatuses'>,
  displayName: string,
): string | null {
  const isSelected = (name: string | null, selection: readonly string[]): boolean =>
    selection.length === 0 || selection.map(nameKey).includes(nameKey(name));
  const start = `Nothing goes to ${displayName}: the organization's`;
  if (!isSelected(typeName, settings.organizationTypes)) return `${start} type "${typeName ?? 'none'}" is not set to sync`;
  if (!isSelected(statusName, settings.organizationStatuses)) return `${start} status "${statusName ?? 'none'}" is not set to sync`;
  return null;
}
