import { assess } from '../../core/assess/assess.ts';
import type { Assessment, Listing } from '../../core/assess/assessment.ts';
import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ErrorDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { AssessDocument, AssessListing, AssessRow, AssessSource } from '../cli/documents-assess.ts';
import { directoriesOf } from '../config/organizations.ts';
import type { DirectoryConfig } from '../config/schema.ts';
import { companyContext } from './company/company-context.ts';
import { gather } from './gather.ts';
import { directoryUsers, reconcileInput } from './reconcile-organization.ts';
import type { Services } from './services.ts';
import { settingsOf } from './settings-of.ts';
import { whyNoUsers } from './users-missing.ts';

export interface AssessRequest {
  readonly staleDays: number;
}

/**
 * Looks at one organization without leaving a trace: users come from the store, IT Glue and the PSA are read, the plan is worked out
 * and forgotten. Nothing is written outside or kept: no held plan, no states, no decisions, no run.
 */
export async function assessOrganization(
  services: Services,
  store: Store | null,
  organization: OrganizationId,
  request: AssessRequest,
): Promise<AssessDocument> {
  if (store === null) throw new RollcallError('STORE_NOT_FOUND', 'Nothing was read from the directories yet.');
  const context = {
    organization,
    settings: await settingsOf(services, store, organization),
    store,
    documentation: services.documentation(organization),
    psa: services.psa(organization),
    companies: companyContext(services, store, organization),
    progress: services.progress,
    now: () => services.now(),
    hash: services.hash,
  };
  const users = await directoryUsers(context);
  const snapshot = await gather(context, { contactStates: await store.contactStates(organization), users });
  const input = await reconcileInput(context, { users, snapshot, organizationState: await store.organizationState(organization) });
  const task = services.progress.start(`Assessing ${snapshot.organization.name}`);
  const assessment = assess({ input, reconciled: reconcile(input), staleDays: request.staleDays });
  const head = {
    organization,
    organizationName: snapshot.organization.name,
    message: whyNoUsers(services.config, organization, await store.listReads(organization)),
    sources: await sourcesOf(services, store, organization),
    notices: [...(await openWork(store, organization)), ...services.notices],
  };
  const document = masked(assessDocument(assessment, head), services.redact);
  task.done(`Assessed ${snapshot.organization.name}`);
  return document;
}

type Head = Pick<AssessDocument, 'organization' | 'organizationName' | 'message' | 'sources' | 'notices'>;

function assessDocument(assessment: Assessment, head: Head): AssessDocument {
  return {
    formatVersion,
    ...head,
    madeAt: new Date(assessment.madeAt).toISOString(),
    staleDays: assessment.staleDays,
    psaName: assessment.psaName,
    totals: assessment.totals,
    sections: assessment.sections.map((section) => ({
      ...section,
      findings: section.findings.map(({ about, weight, count, noun, why, advice, breakdown, ...listing }) => ({
        ...listingDocument(listing),
        about,
        weight,
        count,
        noun,
        why,
        advice,
        breakdown,
      })),
    })),
    inventories: assessment.inventories.map(listingDocument),
    error: null,
    files: [],
  };
}

/** An organization that could not be assessed. */
export function failedAssessment(organization: string, madeAt: number, error: ErrorDocument): AssessDocument {
  return {
    formatVersion,
    organization,
    organizationName: null,
    message: null,
    madeAt: new Date(madeAt).toISOString(),
    staleDays: 0,
    psaName: null,
    sources: [],
    totals: null,
    sections: [],
    inventories: [],
    notices: [],
    error,
    files: [],
  };
}

function listingDocument({ id, title, columns, rows }: Listing): AssessListing {
  return {
    id,
    title,
    columns,
    rows: rows.map((row): AssessRow => {
      const members: Record<string, string | number | null> = { of: row.of };
      if (row.group !== undefined) members['group'] = row.group;
      for (const [index, { key, kind }] of columns.entries()) {
        const cell = row.cells[index] ?? null;
        members[key] = kind === 'moment' && typeof cell === 'number' ? new Date(cell).toISOString() : cell;
      }
      return members;
    }),
  };
}

async function sourcesOf(services: Services, store: Store, organization: OrganizationId): Promise<readonly AssessSource[]> {
  const configured = new Map(directoriesOf(services.config, organization).map((directory) => [directory.name, directory]));
  const reads = await store.listReads(organization);
  return reads.flatMap(({ latestComplete, latestFull }): AssessSource[] => {
    if (latestComplete === null) return [];
    const { directory, sourceType, collector, startedAt, proof } = latestComplete;
    const own = configured.get(directory);
    return [
      {
        directory,
        type: sourceType,
        collector,
        server: proof?.server ?? null,
        readAt: new Date(startedAt).toISOString(),
        // A read of changes counts what changed.
        accounts: latestFull?.proof?.users ?? 0,
        leftOut: latestFull?.proof?.leftOut ?? {},
        scope: own === undefined ? ['read no more: the configuration does not name it'] : scopeInWords(own),
      },
    ];
  });
}

function scopeInWords(directory: DirectoryConfig): readonly string[] {
  const list = (label: string, values: readonly string[]): readonly string[] =>
    values.length === 0 ? [] : [`${label}: ${values.join('; ')}`];
  return [
    ...list('search bases', directory.searchBases),
    ...list('filter', directory.filter === '' ? [] : [directory.filter]),
    ...list('organizational units left out', directory.excludeOus),
    ...list('only members of', directory.includeGroups),
    ...list('no members of', directory.excludeGroups),
  ];
}

/** Writes whose outcome is not known yet would be settled by a sync first; this looks and leaves them. */
async function openWork(store: Store, organization: OrganizationId): Promise<readonly string[]> {
  const open = await store.openIntents(organization);
  if (open.length === 0) return [];
  return [
    `It is not known what became of ${open.length} writes of an earlier run; a sync would settle them first and may then do less than is shown here.`,
  ];
}

/** What a server said may repeat what it was sent. */
function masked<Value>(value: Value, redact: (text: string) => string): Value {
  return mask(value, redact) as Value;
}

function mask(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => mask(item, redact));
  if (value === null || typeof value !== 'object') return value;
  const members: Record<string, unknown> = {};
  for (const key of Object.keys(value)) members[key] = mask((value as Record<string, unknown>)[key], redact);
  return members;
}
