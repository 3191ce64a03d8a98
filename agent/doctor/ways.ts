import { getCACertificates } from 'node:tls';
import { errorTable } from '../../core/error-table.ts';
import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { Services } from '../pipeline/services.ts';
import { notOk, ok, type Topic } from './finding.ts';
import { judgeDaysLeft } from './judge.ts';
import type { EndpointProbe } from './probe-endpoint.ts';
import type { Check } from './run-checks.ts';
import type { Endpoint } from './surroundings.ts';

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** Looks at what lies between this machine and the APIs, as far as this machine knows. */
export function wayChecks(services: Services): readonly Check[] {
  const { proxy } = services.config;
  return [
    {
      topic: { part: 'network', subject: null, code: 'PROXY' },
      limitMs: 10_000,
      look: () => {
        services.surroundings.network();
        const address = proxy.url === '' ? 'none configured' : new URL(proxy.url).origin;
        const signsIn = proxy.userName === '' ? '' : ', with a sign-in';
        const caFile = proxy.caFile === '' ? '' : `, CA from ${proxy.caFile}`;
        const bypass = proxy.bypass.length === 0 ? '' : `, not for ${proxy.bypass.join(', ')}`;
        return [
          ok({ part: 'network', subject: null, code: 'PROXY' }, `${address}${signsIn}${caFile}${bypass}; LDAP always connects straight`),
        ];
      },
    },
    {
      topic: { part: 'network', subject: null, code: 'ENVIRONMENT_PROXY' },
      limitMs: 1000,
      look: () => judgeEnvironment(services.surroundings.environment, proxy.url !== ''),
    },
    {
      topic: { part: 'network', subject: null, code: 'SYSTEM_CERTIFICATES' },
      limitMs: 10_000,
      look: () => judgeSystemStore(() => getCACertificates('system').length),
    },
  ];
}

/** A proxy of the environment is told of; its address is not repeated, for a password may stand in it. */
export function judgeEnvironment(environment: Readonly<Record<string, string | undefined>>, hasProxy: boolean): readonly FindingDocument[] {
  const set = proxyVariables.filter((name) => (environment[name] ?? '') !== '');
  if (set.length === 0) return [];
  const topic: Topic = { part: 'network', subject: null, code: 'ENVIRONMENT_PROXY' };
  const verb = set.length === 1 ? 'is' : 'are';
  const seen = `${set.join(', ')} ${verb} set`;
  if (hasProxy) return [ok(topic, `${seen}; proxy.url is used instead`)];
  return [notOk(topic, 'warning', `${seen}, and the configuration has no proxy`, 'If rollcall is to use that proxy, set proxy.url.')];
}

/** The store may be empty or closed to this account: the other roots are still trusted. */
export function judgeSystemStore(count: () => number): readonly FindingDocument[] {
  const topic: Topic = { part: 'network', subject: null, code: 'SYSTEM_CERTIFICATES' };
  const remedy = "On Debian install ca-certificates; for a company's own CA give proxy.caFile.";
  try {
    const found = count();
    return [
      found > 0 ? ok(topic, `${found} CAs in the store of the system`) : notOk(topic, 'note', 'the store of the system is empty', remedy),
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [notOk(topic, 'warning', `the store of the system cannot be read (${reason})`, remedy)];
  }
}

/** What the way to an API showed. */
export function judgeEndpoint(endpoint: Endpoint, probe: EndpointProbe, now: number): readonly FindingDocument[] {
  const { part } = endpoint;
  const subject = new URL(endpoint.url).host;
  const findings: FindingDocument[] = [reachability({ part, subject, code: 'REACHABLE' }, probe)];
  const { certificate } = probe;
  if (certificate !== null) {
    const signed = `, issued by "${certificate.issuer}"`;
    if (certificate.root !== null) findings.push(judgeDaysLeft({ part, subject, code: 'CERTIFICATE' }, certificate.validTo, now, signed));
    if (certificate.root !== null && !certificate.isPublic) {
      const seen = `the certificate comes from "${certificate.root}", which is no public CA`;
      const remedy = 'If your company inspects TLS, this is as it should be; better still, have it leave this host alone.';
      findings.push(notOk({ part, subject, code: 'TLS_INSPECTION' }, 'note', seen, remedy));
    }
  }
  if (probe.rateLeft !== null) findings.push(ok({ part, subject, code: 'RATE_LIMIT' }, `${probe.rateLeft} requests left`));
  return findings;
}

function reachability(topic: Topic, probe: EndpointProbe): FindingDocument {
  const way = probe.route === 'proxy' ? `through the proxy ${probe.proxy}` : probe.route.replace(': ', ' (').replace(/(\(.*)$/u, '$1)');
  const times = probe.steps.map(({ stage, ms, seen }) => `${stageNames[stage]} ${ms} ms${stage === 'name' ? ` (${seen})` : ''}`).join(', ');
  const { failure } = probe;
  if (failure === null) return ok(topic, `${way}; ${times}`);
  const seen = `${way}; ${times === '' ? '' : `${times}; `}${stageNames[failure.stage]}: ${failure.reason}`;
  return { ...notOk(topic, 'problem', seen, remedyOf(failure)), error: failure.error };
}

const stageNames = { name: 'name', proxy: 'proxy', connection: 'connection', tls: 'TLS', answer: 'answer' } as const;

function remedyOf({ stage, error }: NonNullable<EndpointProbe['failure']>): string {
  if (error !== null && Object.hasOwn(errorTable, error)) return errorTable[error as keyof typeof errorTable].hint;
  return {
    name: 'Check the DNS servers of this machine; where only a proxy resolves outside names, set proxy.url.',
    proxy: 'Check proxy.url, and that this machine reaches the proxy.',
    connection: 'Have the firewall let this machine out to this host and port, or set proxy.url.',
    tls: "Check the address, this machine's clock, and gateways that inspect TLS.",
    answer: 'Check the address (baseUrl), and proxies and gateways on the way.',
  }[stage];
}
