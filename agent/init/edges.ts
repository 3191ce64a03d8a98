import type { Documentation } from '../../core/ports/documentation.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { LocalContext } from '../cli/answer.ts';
import { proveTrust, readPresentedChain } from '../directory/active-directory/presented-chain.ts';
import { surveyDirectory } from '../directory/active-directory/survey.ts';
import { createLdifSource } from '../directory/ldif/ldif-source.ts';
import { createPhoneParser } from '../directory/parse-phone.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../http/http-client.ts';
import { systemClock } from '../http/http-clock.ts';
import { networkOptions } from '../http/network.ts';
import { createItGlue, itGlueErrorCodes, itGlueLimits } from '../it-glue/it-glue.ts';
import { createPsa, noPsaCredentials, type PsaCredentials, psaHttpOptions } from '../psa/registry.ts';
import { type Redacted, reveal } from '../secrets/redacted.ts';
import type { ProxyAnswers } from './answers.ts';
import type { MachineNames, ServiceResolver } from './find-domain.ts';
import type { Region } from './given.ts';
import { createServiceResolver, readMachineNames } from './machine.ts';
import type { ConnectedPsa } from './psa-forms.ts';

interface PsaSignIn {
  readonly type: ConnectedPsa;
  readonly baseUrl: string;
  /** What this PSA takes. */
  readonly credentials: Partial<PsaCredentials>;
  /** ConnectWise: where contacts carry rollcall's key; empty: nowhere. */
  readonly externalKeyField: string;
}

/** Everything outside that init looks at; tests hand in others. */
export interface InitEdges {
  readonly resolver: ServiceResolver;
  machineNames(): Promise<MachineNames>;
  readonly readPresentedChain: typeof readPresentedChain;
  readonly proveTrust: typeof proveTrust;
  readonly surveyDirectory: typeof surveyDirectory;
  readonly createLdifSource: typeof createLdifSource;
  /** A new client each time: what was refused is remembered by none. */
  itGlue(region: Region, baseUrl: string, key: Redacted): Documentation;
  psa(signIn: PsaSignIn): Psa;
  close(): Promise<void>;
}

/** Who waits for an answer has a shorter patience than a service. */
const retry = { attempts: 3, firstPauseMs: 300, longestPauseMs: 2_000, rateLimitWaitMs: 60_000 } as const;
const timeouts = { connect: 8_000, headers: 30_000 } as const;

/** The real ones. */
export function createInitEdges(
  { signal, logger, platform, environment }: Pick<LocalContext, 'signal' | 'logger' | 'platform' | 'environment'>,
  proxy: ProxyAnswers | null,
): InitEdges {
  const { network } = networkOptions(
    { url: proxy?.url ?? '', userName: proxy?.userName ?? '', caFile: proxy?.caFile ?? '', bypass: [] },
    proxy?.password?.value ?? null,
    (message, facts) => logger.warn(message, facts),
  );
  const clients: HttpClient[] = [];
  function client(options: Pick<HttpClientOptions, 'service' | 'codes' | 'limits'>): HttpClient {
    const made = createHttpClient({
      ...options,
      network,
      signal,
      retry,
      timeouts,
      onExchange: (exchange) => logger.debug('HTTP exchange', { ...exchange }),
    });
    clients.push(made);
    return made;
  }
  const parsePhone = createPhoneParser('US');
  return {
    resolver: createServiceResolver(signal),
    machineNames: () => readMachineNames(platform, environment),
    readPresentedChain,
    proveTrust,
    surveyDirectory,
    createLdifSource,
    itGlue: (region, baseUrl, key) =>
      createItGlue({
        region,
        baseUrl,
        apiKey: reveal(key),
        http: client({ service: 'IT Glue', codes: itGlueErrorCodes, limits: itGlueLimits }),
        parsePhone,
      }),
    psa({ type, baseUrl, credentials, externalKeyField }) {
      const http = psaHttpOptions(type);
      const psa =
        http === null
          ? null
          : createPsa(
              {
                type,
                baseUrl,
                credentials: { ...noPsaCredentials, ...credentials },
                externalKeyField,
                emailType: '',
                emailTypeId: '',
                phoneType: '',
                phoneTypeId: '',
                blankPhone: '',
              },
              { http: client(http), clock: systemClock, signal, parsePhone },
            );
      if (psa === null) throw new Error(`no adapter for ${type}`);
      return psa;
    },
    async close() {
      await Promise.all(clients.map((made) => made.close()));
    },
  };
}
