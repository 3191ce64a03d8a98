import { decideSite, findUncovered } from '../../../core/active-directory/sites.ts';
import type { ForestFacts, NameFacts } from '../../../core/ports/directory-examination.ts';
import type { FindingDocument } from '../../cli/documents-doctor.ts';
import { notOk, ok } from '../finding.ts';
import { countWords, fewOf, topicOf } from './topics.ts';

/** Whether the domain's controllers can be found by DNS; `named`: the configuration names some, so nothing depends on it. */
export function judgeNames(directory: string, { found, asked, nameServers }: NameFacts, named: boolean): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_DNS');
  if (found.ok) {
    const hosts = found.value.map((host) => host.replace(/:389$/u, ''));
    return ok(topic, `${countWords(hosts.length, 'controller')} found (${fewOf(hosts)}), asking ${nameServers}`);
  }
  const seen = `no controller is found: ${found.error.message.includes(asked) ? '' : `${nameServers}, asked for ${asked} (SRV): `}${found.error.message}`;
  const remedy = 'Give "dnsServers" the address of a controller or another name server that knows the domain.';
  if (!named) return { ...notOk(topic, 'problem', seen, `${remedy} Or name the controllers in "servers".`), error: found.error.code };
  return notOk(topic, 'note', `${seen}. "servers" names the controllers, so only new ones are missed`, remedy);
}

const unaware = 'Only this collector is known here; others may stand there.';

/** The collector's own site, and the places of the forest that it does not stand for. */
export function judgePlaces(directory: string, forest: ForestFacts): readonly FindingDocument[] {
  const { places, subnets, sites, configured, gap } = forest;
  const { site, why } = decideSite(places, subnets);
  const topic = topicOf(directory, 'DIRECTORY_SITE');
  const [only] = sites;
  const isAlone = sites.length === 1 && only !== undefined;
  const more = gap === null ? '' : ` (${gap})`;
  if (site === null && isAlone) return [ok(topic, `${only}, the only one of the forest`)];
  const remedy = configured
    ? 'Add the subnet with its site in "Active Directory Sites and Services", or correct collector.subnets.'
    : 'Add the subnet with its site in "Active Directory Sites and Services", or say in collector.subnets where this collector stands.';
  const own = site === null ? notOk(topic, 'note', `no site: ${why}${more}`, remedy) : ok(topic, `${site}: ${why}${more}`);
  const uncovered = findUncovered(places, { subnets, sites }, site === null ? [] : [site]);
  return [own, judgeCoverage(directory, { ...uncovered, all: sites.length }, site)];
}

function judgeCoverage(
  directory: string,
  { subnets, sites, all }: { readonly subnets: ForestFacts['subnets']; readonly sites: readonly string[]; readonly all: number },
  own: string | null,
): FindingDocument {
  const topic = topicOf(directory, 'DIRECTORY_COVERAGE');
  const loose = subnets.filter(({ site }) => site === null).map(({ name }) => name);
  const told = sites.map((site) => {
    const within = subnets.filter((subnet) => subnet.site?.toLowerCase() === site.toLowerCase()).map(({ name }) => name);
    return within.length === 0 ? site : `${site} (${fewOf(within, 3)})`;
  });
  const inOwn = subnets.filter(({ site }) => site !== null && site.toLowerCase() === own?.toLowerCase()).map(({ name }) => name);
  const seen = [
    ...(told.length === 0 ? [] : [`${told.length} of ${countWords(all, 'site')} without this collector: ${fewOf(told)}`]),
    ...(inOwn.length === 0 ? [] : [`subnets of the own site that it does not stand for: ${fewOf(inOwn)}`]),
    ...(loose.length === 0 ? [] : [`subnets without a site: ${fewOf(loose)}`]),
  ];
  if (seen.length === 0) return ok(topic, 'this collector stands for all sites and subnets of the forest');
  const remedy = 'All users of the domain are read from here all the same. Where the place itself matters, install a collector there.';
  return notOk(topic, 'note', `${seen.join('; ')}. ${unaware}`, remedy);
}
