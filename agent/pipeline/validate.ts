import { companyProblemText, makePsaContext, type PsaContext } from '../../core/eligibility/psa-context.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Location } from '../../core/model/contact.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import type { CheckDocument, ValidateDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { DirectoryToRead } from './collect.ts';
import { companyContext } from './company/company-context.ts';
import { errorDocument } from './error-document.ts';
import { gather } from './gather.ts';
import type { HubDoor } from './hub/hub-door.ts';
import { isRescoped, previewScope } from './preview-scope.ts';
import type { Services } from './services.ts';
import { noCredentials } from './users-missing.ts';

/** Tests what the configuration names, each part by itself, so that one failure does not hide the others. */
export async function validate(services: Services, options: { readonly offline: boolean }): Promise<ValidateDocument> {
  let secretNotices: readonly string[] = [];
  let store: Store | null = null;
  const checks: CheckDocument[] = [
    await check('configuration', services.configFile, () => {
      secretNotices = services.checkSecrets();
      return { file: 'well formed', secrets: 'all references can be resolved' };
    }),
    await check('store', services.surroundings.store.kind === 'embedded' ? 'state' : services.surroundings.store.words, async () => {
      store = await services.readableStore();
      return { store: store === null ? 'made by the first scan' : 'can be read' };
    }),
  ];
  for (const organization of services.organizations) {
    if (options.offline) checks.push(...(await checkOffline(services, store, organization)));
    else checks.push(...(await checkOrganization(services, store, organization)));
  }
  return {
    formatVersion,
    file: services.configFile,
    valid: checks.every((item) => item.outcome !== 'failed'),
    checks,
    notices: [...services.notices, ...secretNotices],
  };
}

async function check(
  what: CheckDocument['what'],
  name: string,
  work: () => CheckDocument['facts'] | Promise<CheckDocument['facts']>,
): Promise<CheckDocument> {
  try {
    return { what, name, outcome: 'passed', facts: await work(), note: null, error: null };
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'INTERRUPTED') throw error;
    return { what, name, outcome: 'failed', facts: {}, note: null, error: errorDocument(error) };
  }
}

function skipped(what: CheckDocument['what'], name: string, note: string): CheckDocument {
  return { what, name, outcome: 'skipped', facts: {}, note, error: null };
}

/** Only what is here is looked at: whether a scope has changed, not whom that is about. */
async function checkOffline(services: Services, store: Store | null, organization: OrganizationId): Promise<readonly CheckDocument[]> {
  const checks: CheckDocument[] = [];
  for (const directory of store === null ? [] : directoriesIfPossible(services, organization)) {
    if (store === null || !(await isRescoped(services, store, { organization, directory }))) continue;
    const note = 'its scope is not that of the latest read: "rollcall validate" without --offline says whom that takes in and leaves out';
    checks.push(skipped('directory', directory.name, note));
  }
  return [...checks, skipped('organization', organization, 'not tested: --offline')];
}

/** A secret that is missing is told by the check of the configuration. */
function directoriesIfPossible(services: Services, organization: OrganizationId): ReturnType<Services['directories']> {
  try {
    return services.directories(organization);
  } catch {
    return [];
  }
}

async function checkOrganization(services: Services, store: Store | null, organization: OrganizationId): Promise<readonly CheckDocument[]> {
  const checks: CheckDocument[] = [];
  const named = await directoriesOf(services, organization, checks);
  for (const directory of named) {
    const { source } = directory;
    if (source === null) checks.push(skipped('directory', directory.name, noCredentials));
    else {
      const tested = await check('directory', directory.name, async () => {
        const { server, facts } = await source.check();
        return { server, ...facts };
      });
      checks.push(await withScope(services, store, { organization, directory, tested: withBlindNote(tested) }));
    }
  }
  if (services.hub !== null) return [...checks, await checkHub(services.hub)];
  checks.push(await check('it-glue', 'API', async () => (await services.documentation(organization).check()).facts));
  const reachable = checks.at(-1)?.outcome === 'passed';
  if (!reachable) {
    checks.push(skipped('organization', organization, 'not tested: IT Glue does not answer'), ...(await checkPsa(services, organization)));
    return checks;
  }
  return [...checks, ...(await checkRecords(services, organization))];
}

/** Whether the hub answers, is the one that was joined, and speaks a common version of the protocol. */
function checkHub(hub: HubDoor): Promise<CheckDocument> {
  return check('hub', hub.url, async () => {
    const { name, organization } = await hub.identity();
    const { version } = await (await hub.link()).facts();
    return { version, 'joined as': name, organization, certificate: `by ${hub.trust}` };
  });
}

/** A directory that can be read is read now in a changed scope, to say whom it is about; nothing of that is kept. */
async function withScope(
  services: Services,
  store: Store | null,
  words: { readonly organization: OrganizationId; readonly directory: DirectoryToRead; readonly tested: CheckDocument },
): Promise<CheckDocument> {
  const { directory, tested } = words;
  if (store === null || tested.outcome !== 'passed' || !(await isRescoped(services, store, words))) return tested;
  const [scope] = await previewScope(services, store, [directory.name]);
  if (scope === undefined) return tested;
  const isEmpty = scope.unknown === null && scope.users === 0;
  return { ...tested, scope, ...(isEmpty ? { note: 'nobody would be read: check the search bases, the filter and the groups' } : {}) };
}

/** A directory that answers and shows nobody is hardly what was meant. */
function withBlindNote(result: CheckDocument): CheckDocument {
  const users = result.facts['users'] ?? '';
  const blind = result.outcome === 'passed' && (users === '0' || users.startsWith('none'));
  return blind ? { ...result, note: 'no user is visible: check the search bases, the filter and the rights of the account' } : result;
}

async function directoriesOf(
  services: Services,
  organization: OrganizationId,
  checks: CheckDocument[],
): Promise<ReturnType<Services['directories']>> {
  try {
    return services.directories(organization);
  } catch (error) {
    checks.push(await check('directory', organization, () => Promise.reject(error)));
    return [];
  }
}

/** The organization in IT Glue and its company in the PSA, as a plan would find them. */
async function checkRecords(services: Services, organization: OrganizationId): Promise<readonly CheckDocument[]> {
  const ofOrganization = await check('organization', organization, async () => {
    const found = await services.documentation(organization).getOrganization(organization);
    return { name: found.name, type: found.typeName ?? 'none', status: found.statusName ?? 'none' };
  });
  const ofPsa = await checkPsa(services, organization);
  const usable = ofPsa.length > 0 && ofPsa.every((item) => item.outcome === 'passed') && ofOrganization.outcome === 'passed';
  if (!usable) return [ofOrganization, ...ofPsa];
  const company = await check('psa', `${services.settings(organization).psa.type} company`, () => companyFacts(services, organization));
  return [ofOrganization, ...ofPsa, company];
}

async function checkPsa(services: Services, organization: OrganizationId): Promise<readonly CheckDocument[]> {
  const { type } = services.settings(organization).psa;
  if (type === 'none') return [];
  return [await check('psa', type, async () => (await services.psa(organization)?.check())?.facts ?? {})];
}

/** The organization's company in the PSA as a plan would find it. Throws `PSA_COMPANY_NOT_FOUND`, `PSA_TYPE_NOT_FOUND`. */
export async function companyFacts(services: Services, organization: OrganizationId): Promise<CheckDocument['facts']> {
  const settings = services.settings(organization);
  const { psa, locations } = await gather(
    {
      organization,
      settings: { ...settings, contacts: { ...settings.contacts, overlay: 'none' } },
      documentation: services.documentation(organization),
      psa: services.psa(organization),
      companies: companyContext(services, await services.readableStore(), organization),
      progress: services.progress,
      now: () => services.now(),
    },
    { contactStates: [], users: [] },
  );
  if (psa === null) return {};
  if (psa.excluded !== null) return { company: psa.excluded };
  if (psa.company === null)
    throw new RollcallError('PSA_COMPANY_NOT_FOUND', companyProblemText(psa) ?? 'The organization has no company in the PSA.');
  // Where a PSA has fields and no types, every label finds its place.
  const hasFields = psa.requirements.fields !== null;
  const missing = hasFields
    ? null
    : (typeProblem(psa.types.email, settings.psa.emailType, settings.psa.emailTypeId) ??
      typeProblem(psa.types.phone, settings.psa.phoneType, settings.psa.phoneTypeId));
  if (missing !== null) throw new RollcallError('PSA_TYPE_NOT_FOUND', `${psa.displayName} has no type "${missing}".`);
  return {
    company: `${psa.company.name} (${psa.company.id}), ${psa.companyHow ?? 'found'}`,
    contacts: String(psa.contacts.length),
    locations: psa.locations.map((item) => item.name).join(', '),
    ...unmappedFact(makePsaContext(psa, settings.psa), locations),
  };
}

/** Locations of IT Glue that the PSA has no counterpart of: only where there are any. */
function unmappedFact(psa: PsaContext, locations: readonly Location[]): CheckDocument['facts'] {
  const problems = locations.flatMap((location) => psa.locationProblem(location) ?? []);
  return problems.length === 0 ? {} : { unmapped: problems.join('; ') };
}

function typeProblem(types: readonly { readonly name: string }[], chosen: string, pinnedId: string): string | null {
  if (chosen === '' || pinnedId !== '') return null;
  return types.some((type) => type.name.toLowerCase() === chosen.toLowerCase()) ? null : chosen;
}
