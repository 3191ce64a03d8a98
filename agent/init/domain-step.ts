import { addressProblem, domainProblem } from './answer-problems.ts';
import { type FoundDomain, findControllers, findDomains } from './find-domain.ts';
import { serverUrl } from './given.ts';
import { type InitContext, missing, tryAgain } from './init-context.ts';

/** A domain and the addresses of its controllers, in the order to try them. */
export interface ChosenDomain {
  readonly domain: string;
  readonly servers: readonly string[];
  /** The domain name system told them: they need not be written down, it tells them again. */
  readonly byDns: boolean;
}

const elsewhere = 'another';

/** Which domain, and which of its controllers: as given, else as the domain name system tells. */
export async function chooseDomain(context: InitContext): Promise<ChosenDomain> {
  const { given } = context;
  if (given.servers !== undefined) return { domain: given.domain ?? '', servers: given.servers, byDns: false };
  if (given.domain !== undefined) return controllersOf(context, given.domain);
  return findOrAsk(context);
}

async function findOrAsk(context: InitContext): Promise<ChosenDomain> {
  const { dialogue, edges } = context;
  const found = await dialogue.work(
    'Looking for the domain of this machine',
    async () => {
      const domains = await findDomains(await edges.machineNames(), edges.resolver);
      context.signal.throwIfAborted();
      return domains;
    },
    (domains) => (domains.length === 0 ? 'This machine knows of no domain.' : `Found ${domains.map(inWords).join('; ')}`),
  );
  const [only] = found;
  if (!dialogue.attended) {
    if (only === undefined) throw missing('--domain or --server', 'this machine knows of no domain');
    if (found.length > 1) throw missing('--domain', `there are several: ${found.map(({ domain }) => domain).join(', ')}`);
    return foundByDns(only);
  }
  if (only === undefined) return askDomain(context);
  const choices = [
    ...found.map(({ domain, controllers }) => ({ value: domain, label: domain, hint: controllers.join(', ') })),
    { value: elsewhere, label: 'Another domain' },
  ];
  const chosen = await dialogue.choose({ message: 'Which domain is read?', choices, initial: only.domain });
  const known = found.find(({ domain }) => domain === chosen);
  return known === undefined ? askDomain(context) : foundByDns(known);
}

async function askDomain(context: InitContext): Promise<ChosenDomain> {
  const domain = await context.dialogue.text({
    message: 'DNS name of the domain, like corp.example.com',
    problem: domainProblem,
  });
  return controllersOf(context, domain.toLowerCase());
}

/** The domain's controllers; when the domain name system knows none, a person may name one. */
async function controllersOf(context: InitContext, domain: string): Promise<ChosenDomain> {
  const { dialogue, edges } = context;
  for (;;) {
    try {
      const controllers = await dialogue.work(
        `Looking for the domain controllers of ${domain}`,
        () => findControllers(domain, edges.resolver),
        (names) => (names.length === 0 ? `DNS knows no domain controller of ${domain}.` : `Domain controllers: ${names.join(', ')}`),
      );
      if (controllers.length > 0) return foundByDns({ domain, controllers });
      if (!dialogue.attended) throw missing('--server', `DNS knows no domain controller of ${domain}`);
      const server = await dialogue.text({
        message: `Name of a domain controller, like dc1.${domain}`,
        problem: (text) => addressProblem(serverUrl(text)),
      });
      return { domain, servers: [serverUrl(server)], byDns: false };
    } catch (error) {
      await tryAgain(context, error);
    }
  }
}

function foundByDns({ domain, controllers }: FoundDomain): ChosenDomain {
  return { domain, servers: controllers.map(serverUrl), byDns: true };
}

function inWords({ domain, controllers }: FoundDomain): string {
  return `${domain} (${controllers.join(', ')})`;
}
