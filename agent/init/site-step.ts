import { RollcallError } from '../../core/errors.ts';
import type { Location, Organization } from '../../core/model/contact.ts';
import { nameKey } from '../../core/normalize/person-name.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import { plural } from '../cli/terminal/format.ts';
import type { InitAnswers } from './answers.ts';
import type { InitContext } from './init-context.ts';

const none = '';

/** What concerns this installation: its location, its name, whether contacts are created. */
export async function chooseSite(
  context: InitContext,
  documentation: Documentation,
  organization: Organization,
): Promise<Pick<InitAnswers, 'location' | 'create' | 'collector'>> {
  const location = await chooseLocation(context, documentation, organization);
  const create = await chooseCreate(context);
  const collector = await chooseName(context);
  return { location, create, collector };
}

async function chooseLocation({ given, dialogue }: InitContext, documentation: Documentation, { id, name }: Organization): Promise<string> {
  const locations = await dialogue.work(
    `Reading the locations of ${name}`,
    () => documentation.listLocations(id),
    (rows) =>
      rows.length === 0 ? `${name} has no location` : `${plural(rows.length, 'location')}: ${rows.map((row) => row.name).join(', ')}`,
  );
  if (given.location !== undefined) return namedLocation(locations, given.location);
  const [only] = locations;
  if (only === undefined) {
    dialogue.warn('Without a location in IT Glue nobody can be pushed to a PSA; add one there, then name it as collector.location.');
    return none;
  }
  if (!dialogue.attended) {
    if (locations.length > 1) dialogue.warn('No --location was given: users whose office names none have no location.');
    return locations.length === 1 ? only.name : none;
  }
  return dialogue.choose({
    message: 'Where is this network? (for users whose office names no location)',
    choices: [
      ...locations.map((row) => ({ value: row.name, label: row.name, ...(row.primary ? { hint: 'primary' } : {}) })),
      { value: none, label: 'At none of them' },
    ],
    initial: (locations.find(({ primary }) => primary) ?? only).name,
  });
}

function namedLocation(locations: readonly Location[], wanted: string): string {
  if (wanted === '') return none;
  const found = locations.find(({ name }) => nameKey(name) === nameKey(wanted));
  if (found !== undefined) return found.name;
  throw new RollcallError(
    'USAGE',
    `--location: the organization has no location "${wanted}" (${locations.map(({ name }) => name).join(', ') || 'it has none'}).`,
  );
}

async function chooseCreate({ given, dialogue }: InitContext): Promise<'off' | 'auto'> {
  if (given.create !== undefined) return given.create;
  if (!dialogue.attended) return 'off';
  const chosen = await dialogue.choose({
    message: 'Create contacts for people who have none?',
    choices: [
      { value: 'off', label: 'No: only existing contacts are kept', hint: 'single ones by "contacts create"' },
      { value: 'auto', label: 'Yes, for enabled users with name and e-mail' },
    ],
    initial: 'off',
  });
  return chosen === 'auto' ? 'auto' : 'off';
}

async function chooseName({ given, dialogue, edges }: InitContext): Promise<string> {
  const { hostName } = await edges.machineNames();
  const machine = (hostName.split('.')[0] ?? '').toLowerCase() || 'collector';
  if (given.collector !== undefined) return given.collector;
  if (!dialogue.attended) return machine;
  return dialogue.text({ message: 'Name of this installation', initial: machine });
}
