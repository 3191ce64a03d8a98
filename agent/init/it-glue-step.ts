import { RollcallError } from '../../core/errors.ts';
import type { Organization } from '../../core/model/contact.ts';
import { organizationId } from '../../core/model/ids.ts';
import { nameKey } from '../../core/normalize/person-name.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import { formatCount, plural } from '../cli/terminal/format.ts';
import type { ItGlueAnswers, SecretAnswer } from './answers.ts';
import { itGlueRegions, type Region } from './given.ts';
import { givenSecret, type InitContext, isCode, missing, tryAgain, typedSecret } from './init-context.ts';

export interface ChosenOrganization {
  readonly answers: ItGlueAnswers;
  readonly documentation: Documentation;
  readonly organization: Organization;
}

interface Accepted {
  readonly region: Region;
  readonly documentation: Documentation;
  readonly organizations: number;
}

const regionNames: Readonly<Record<Region, string>> = { us: 'United States', eu: 'Europe', au: 'Australia' };

/** The key, tested where it belongs, and the organization whose contacts are kept. */
export async function chooseItGlue(context: InitContext): Promise<ChosenOrganization> {
  const { key, accepted } = await signIn(context);
  const organization = await chooseOrganization(context, accepted.documentation);
  const { region, documentation } = accepted;
  const baseUrl = context.given.itGlueUrl ?? '';
  return {
    answers: { region, baseUrl, key, organization: { id: organization.id, name: organization.name } },
    documentation,
    organization,
  };
}

async function signIn(context: InitContext): Promise<{ readonly key: SecretAnswer; readonly accepted: Accepted }> {
  const { given, dialogue } = context;
  let source = given.itGlueKey;
  let kept: SecretAnswer | null = null;
  for (;;) {
    const key: SecretAnswer =
      kept ??
      (source === undefined
        ? await askKey(context)
        : await givenSecret(context, source, { option: '--itglue-key-from', name: 'itglueKey' }));
    kept = null;
    try {
      const accepted = await dialogue.work(
        'Trying the key at IT Glue',
        (update) => findRegion(context, key, update),
        ({ region, organizations }) =>
          `IT Glue accepts the key${given.itGlueUrl === undefined ? ` (${regionNames[region]})` : ''}; ${plural(organizations, 'organization')}`,
      );
      if (given.region !== undefined && accepted.region !== given.region) {
        dialogue.warn(`The key belongs to the region "${accepted.region}", not "${given.region}"; that is what is written.`);
      }
      return { key, accepted };
    } catch (error) {
      if (!isCode(error, 'ITGLUE_KEY_REJECTED') || !dialogue.attended) {
        await tryAgain(context, error);
        kept = key;
        continue;
      }
      dialogue.objection(error);
      source = undefined;
    }
  }
}

/**
 * Tries the regions in turn: a right key at the wrong one is refused like a wrong key. When none takes it and one could not be asked,
 * that failure is told, for the key may be right there.
 */
export async function findRegion(
  { given, edges }: Pick<InitContext, 'given' | 'edges'>,
  key: SecretAnswer,
  update: (text: string) => void = () => undefined,
): Promise<Accepted> {
  const baseUrl = given.itGlueUrl ?? '';
  const first = given.region ?? 'us';
  const regions = baseUrl === '' ? [first, ...itGlueRegions.filter((region) => region !== first)] : [first];
  const failures: RollcallError[] = [];
  for (const region of regions) {
    update(`Trying the key at IT Glue${baseUrl === '' ? `, ${regionNames[region]}` : ''}`);
    const documentation = edges.itGlue(region, baseUrl, key.value);
    try {
      const { facts } = await documentation.check();
      return { region, documentation, organizations: Number(facts['organizations'] ?? 0) };
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
      failures.push(error);
    }
  }
  const unasked = failures.find(({ code }) => code !== 'ITGLUE_KEY_REJECTED');
  if (unasked !== undefined) throw unasked;
  const everywhere = regions.length > 1 ? ' in any of its regions (us, eu, au)' : '';
  throw new RollcallError('ITGLUE_KEY_REJECTED', `IT Glue does not accept this key${everywhere}.`, { cause: failures[0] });
}

async function chooseOrganization(context: InitContext, documentation: Documentation): Promise<Organization> {
  const { given, dialogue } = context;
  if (given.organization !== undefined && /^\d+$/.test(given.organization)) {
    return readOrganization(context, documentation, given.organization);
  }
  const listed = await dialogue.work(
    'Listing the organizations',
    (update) =>
      documentation.listOrganizations((read, total) => update(`Listing the organizations: ${formatCount(read)} of ${formatCount(total)}`)),
    () => '',
  );
  if (given.organization !== undefined) return readOrganization(context, documentation, idByName(listed, given.organization));
  if (!dialogue.attended) throw missing('--organization', 'the id of the customer in IT Glue');
  if (listed.length === 0) {
    throw new RollcallError(
      'ITGLUE_ORGANIZATION_NOT_FOUND',
      'The key sees no organization. Give it rights in IT Glue, or use another one.',
    );
  }
  const chosen = await dialogue.choose({
    message: "Which customer's contacts are kept?",
    choices: listed
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map(({ id, name, typeName, statusName }) => ({
        value: id,
        label: name === '' ? `(no name) ${id}` : name,
        hint: [typeName, statusName, id].filter((part) => part !== null).join(', '),
      })),
  });
  return readOrganization(context, documentation, chosen);
}

function readOrganization({ dialogue }: InitContext, documentation: Documentation, id: string): Promise<Organization> {
  return dialogue.work(
    `Reading organization ${id}`,
    () => documentation.getOrganization(organizationId(id)),
    ({ name, typeName, statusName }) => {
      const more = [typeName, statusName].filter((part) => part !== null);
      return `Organization ${name} (${id})${more.length === 0 ? '' : `, ${more.join(', ')}`}`;
    },
  );
}

function idByName(listed: readonly { readonly id: string; readonly name: string }[], wanted: string): string {
  const found = listed.filter(({ name }) => nameKey(name) === nameKey(wanted));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  const what =
    found.length === 0
      ? 'IT Glue has no organization'
      : `IT Glue has ${found.length} organizations (${found.map(({ id }) => id).join(', ')})`;
  throw new RollcallError('ITGLUE_ORGANIZATION_NOT_FOUND', `${what} of the name ${wanted}.`, { place: { organization: wanted } });
}

function askKey(context: InitContext): Promise<SecretAnswer> {
  if (!context.dialogue.attended) throw missing('--itglue-key-from', 'the API key of IT Glue');
  return typedSecret(context, 'API key of IT Glue (Account, Settings, API Keys)');
}
