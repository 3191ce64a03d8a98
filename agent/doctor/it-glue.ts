import type { OrganizationId } from '../../core/model/ids.ts';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { Services } from '../pipeline/services.ts';
import { failed, isInterruption, notOk, ok, type Topic } from './finding.ts';
import { judgeKeyIdle } from './judge.ts';
import { type Check, runChecks } from './run-checks.ts';

const listMs = 90_000;
const callMs = 30_000;

/** Looks at IT Glue with the key: first whether it is taken, which `onKey` is told, then each organization. */
export function itGlueChecks(services: Services, onKey: (accepted: boolean) => void): readonly Check[] {
  const topic: Topic = { part: 'it-glue', subject: null, code: 'ITGLUE_KEY' };
  return [{ topic, limitMs: listMs + callMs, look: () => itGlueFindings(services, topic, onKey) }];
}

async function itGlueFindings(services: Services, topic: Topic, onKey: (accepted: boolean) => void): Promise<readonly FindingDocument[]> {
  const [first] = services.organizations;
  if (first === undefined) return [];
  const key = await runChecks([{ topic, limitMs: callMs, look: () => keyFindings(services, first, topic) }], services.signal);
  const isAccepted = key.every(({ state }) => state !== 'problem');
  onKey(isAccepted);
  // What the key opens need not be tried when it opens nothing.
  if (!isAccepted) return key;
  const checks = services.organizations.flatMap((organization) => organizationChecks(services, organization));
  return [...key, ...(await runChecks([...checks, ...accountChecks(services, first)], services.signal))];
}

async function keyFindings(services: Services, organization: OrganizationId, topic: Topic): Promise<readonly FindingDocument[]> {
  const { facts } = await services.documentation(organization).check();
  const { region, baseUrl } = services.config.itglue;
  const where = baseUrl === '' ? `region ${region}` : 'itglue.baseUrl';
  return [
    ok(topic, `accepted (${where}); organizations it sees: ${facts['organizations'] ?? '?'}`),
    judgeKeyIdle(await lastSync(services), services.now()),
  ];
}

/** When a run last used the key with success; `null`: never, or the store cannot be read, which another check tells. */
async function lastSync(services: Services): Promise<number | null> {
  try {
    const store = await services.readableStore();
    const runs = (await store?.listRuns({ outcomes: ['done', 'partly'], limit: 1 })) ?? [];
    return runs[0]?.finishedAt ?? null;
  } catch (error) {
    if (isInterruption(error)) throw error;
    return null;
  }
}

function organizationChecks(services: Services, organization: OrganizationId): readonly Check[] {
  const documentation = () => services.documentation(organization);
  const reads: readonly { readonly what: string; readonly read: () => Promise<readonly unknown[]> }[] = [
    { what: 'contacts', read: () => documentation().listContacts(organization) },
    { what: 'locations', read: () => documentation().listLocations(organization) },
    ...(services.settings(organization).contacts.overlay === 'flexible-asset'
      ? [{ what: '"AD User" assets', read: () => overlays(services, organization) }]
      : []),
  ];
  const named: Topic = { part: 'it-glue', subject: organization, code: 'ITGLUE_ORGANIZATION' };
  return [
    {
      topic: named,
      limitMs: callMs,
      look: async () => {
        const { name, typeName, statusName } = await documentation().getOrganization(organization);
        return [ok(named, `${name}, type ${typeName ?? 'none'}, status ${statusName ?? 'none'}`)];
      },
    },
    ...reads.map(({ what, read }): Check => {
      const topic: Topic = { part: 'it-glue', subject: `${organization}, ${what}`, code: 'ITGLUE_RIGHTS' };
      return { topic, limitMs: listMs, look: async () => [ok(topic, `${(await read()).length} can be read`)] };
    }),
  ];
}

async function overlays(services: Services, organization: OrganizationId): Promise<readonly unknown[]> {
  const documentation = services.documentation(organization);
  const type = await documentation.findOverlayType();
  return type === null ? [] : documentation.listOverlays(organization, type);
}

/** What all organizations of the account share. */
function accountChecks(services: Services, organization: OrganizationId): readonly Check[] {
  const overlayType: Topic = { part: 'it-glue', subject: null, code: 'ITGLUE_OVERLAY_TYPE' };
  const contactTypes: Topic = { part: 'it-glue', subject: null, code: 'ITGLUE_CONTACT_TYPES' };
  const wanted = wantedContactTypes(services);
  const usesOverlay = services.organizations.some((id) => services.settings(id).contacts.overlay === 'flexible-asset');
  return [
    ...(usesOverlay ? [{ topic: overlayType, limitMs: callMs, look: () => overlayTypeFindings(services, organization, overlayType) }] : []),
    {
      topic: contactTypes,
      limitMs: callMs,
      look: async () => {
        const types = await services.documentation(organization).listContactTypes();
        return [
          judgeContactTypes(
            contactTypes,
            wanted,
            types.map(({ name }) => name),
          ),
        ];
      },
    },
  ];
}

async function overlayTypeFindings(services: Services, organization: OrganizationId, topic: Topic): Promise<readonly FindingDocument[]> {
  try {
    const id = await services.documentation(organization).findOverlayType();
    return [ok(topic, id === null ? '"AD User" is not there yet; the first sync makes it' : `"AD User" (${id}) has the fields it needs`)];
  } catch (error) {
    if (isInterruption(error)) throw error;
    return [failed(topic, error)];
  }
}

/** The contact types that the configuration names anywhere, without regard to case. */
function wantedContactTypes(services: Services): readonly string[] {
  const names = new Map<string, string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (key === 'contactType' && typeof item === 'string' && item !== '') names.set(item.toLowerCase(), item);
      else visit(item);
    }
  };
  visit(services.config.contacts);
  visit({ contactType: services.config.psa.contactType });
  visit(services.config.organizations);
  // "contactType" of `contacts.fields` is a policy, not a name.
  for (const policy of ['merge', 'overwrite', 'never', 'clear']) names.delete(policy);
  return [...names.values()];
}

/** Names are compared as IT Glue shows them, without regard to case. */
export function judgeContactTypes(topic: Topic, wanted: readonly string[], known: readonly string[]): FindingDocument {
  const names = new Set(known.map((name) => name.toLowerCase()));
  const missing = wanted.filter((name) => !names.has(name.toLowerCase()));
  if (missing.length === 0)
    return ok(topic, wanted.length === 0 ? `${known.length}; the configuration names none` : `${wanted.join(', ')}: there`);
  const told = missing.map((name) => `"${name}"`).join(', ');
  return notOk(
    topic,
    'problem',
    `the configuration names ${told}, which IT Glue does not have`,
    'Make the type in IT Glue, or correct its name in the configuration.',
  );
}
