import { basename, resolve } from 'node:path';
import { formatCount, plural } from '../cli/terminal/format.ts';
import { distinguishedName } from '../config/value-types.ts';
import type { DirectorySurvey } from '../directory/active-directory/survey.ts';
import { createPhoneParser } from '../directory/parse-phone.ts';
import type { ActiveDirectoryAnswers, LdifAnswers } from './answers.ts';
import { chooseDomain } from './domain-step.ts';
import type { InitContext } from './init-context.ts';
import { preferPublishedCa, signIn } from './sign-in-step.ts';
import { chooseTrust } from './trust-step.ts';

const mostUnits = 100;

/** The users' source: an export when one is given, else an Active Directory, found, trusted and signed in to. */
export async function chooseDirectory(context: InitContext): Promise<ActiveDirectoryAnswers | LdifAnswers> {
  return context.given.ldif === undefined ? chooseActiveDirectory(context) : checkExport(context, context.given.ldif);
}

async function chooseActiveDirectory(context: InitContext): Promise<ActiveDirectoryAnswers> {
  const { given } = context;
  const chosen = await chooseDomain(context);
  const name = given.directoryName ?? nameOf(chosen.domain);
  const trusted = await chooseTrust(context, name, chosen.servers);
  const place = { directory: name, domain: chosen.domain, searchBases: given.searchBases ?? [] };
  const { bindUser, password, survey } = await signIn(context, place, trusted);
  const trust = await preferPublishedCa(context, trusted, survey);
  const domain = chosen.domain === '' ? domainOf(survey) : chosen.domain;
  return {
    type: 'active-directory',
    name: given.directoryName ?? nameOf(domain),
    domain,
    servers: trusted.servers,
    // A pinned certificate is that of one server; any other trust holds for whichever DNS names.
    areFoundByDns: chosen.byDns && trust.kind !== 'pin',
    trust,
    bindUser,
    password,
    searchBases: given.searchBases ?? (await chooseBases(context, survey)),
    users: survey.users,
  };
}

/** The whole domain, unless a person picks some of its units. */
async function chooseBases({ dialogue }: InitContext, survey: DirectorySurvey): Promise<readonly string[]> {
  if (!dialogue.attended || survey.units.length < 2) return [];
  const choice = await dialogue.choose({
    message: 'Which users are read?',
    choices: [
      { value: 'all', label: `The whole domain`, hint: plural(survey.users, 'user') },
      { value: 'some', label: 'Only some organizational units' },
    ],
    initial: 'all',
  });
  if (choice === 'all') return [];
  const shown = survey.units.filter(({ dn }) => distinguishedName.safeParse(dn).success).slice(0, mostUnits);
  const bases = await dialogue.chooseSeveral({
    message: 'Units to read (Tab marks, Enter ends; none: all)',
    choices: shown.map(({ dn, users }) => ({ value: dn, label: `${dn.split(/(?<!\\),/)[0]}  (${formatCount(users)})` })),
  });
  return bases.length === shown.length ? [] : bases;
}

async function checkExport({ given, dialogue, edges }: InitContext, path: string): Promise<LdifAnswers> {
  const file = resolve(path);
  const name =
    given.directoryName ??
    (basename(file)
      .replace(/\.[^.]*$/, '')
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '') ||
      'export');
  const scope = { searchBases: given.searchBases ?? [], filter: '', excludeOus: [], includeGroups: [], excludeGroups: [] };
  const source = edges.createLdifSource({ name, file, ...scope, parsePhone: createPhoneParser('US') });
  const { facts } = await dialogue.work(
    `Reading ${file}`,
    () => source.check(),
    (check) => `${file}: ${plural(Number(check.facts['users'] ?? 0), 'user')}`,
  );
  return { type: 'ldif', name, file, searchBases: scope.searchBases, users: Number(facts['users'] ?? 0) };
}

/** The first part of the domain's name, as short as people say it. */
function nameOf(domain: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*/.exec(domain)?.[0] ?? 'directory';
}

function domainOf(survey: DirectorySurvey): string {
  const domain = survey.check.facts['domain'] ?? '';
  return domain.includes('.') ? domain : '';
}
