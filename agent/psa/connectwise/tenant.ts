import { RollcallError } from '../../../core/errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { invalidAnswer, readAnswer, readError } from './errors.ts';
import { connectWiseName } from './product.ts';
import { companyInfoSchema } from './schema.ts';

/** What the process remembers of one tenant, so that the adapters of all customers ask once. */
export interface TenantMemory {
  info: Promise<CompanyInfo> | null;
  /** Whether text in conditions is compared without regard to case. */
  ignoresCase: Promise<boolean> | null;
}

/** Where a tenant's API lives. The cloud moves it with every upgrade. */
export interface CompanyInfo {
  /** `v2026_1`: the first part of every path. */
  readonly codebase: string;
  readonly version: string | null;
}

/** Of all tenants, by address and company. */
export type ConnectWiseMemory = Map<string, TenantMemory>;

/** The process's memory of the tenant. */
export function tenantMemory(memory: ConnectWiseMemory, address: string, company: string): TenantMemory {
  const key = `${address}\n${company}`;
  const known = memory.get(key) ?? { info: null, ignoresCase: null };
  memory.set(key, known);
  return known;
}

export interface CodebaseOptions {
  readonly address: string;
  /** The company at sign-in. */
  readonly company: string;
  readonly http: HttpClient;
  readonly memory: TenantMemory;
  readonly redact: (text: string) => string;
}

export interface Codebase {
  /** Looked up once. Throws `PSA_CREDENTIALS_REJECTED` for a company that there is not. */
  current(): Promise<CompanyInfo>;
  /** Looked up again, unless somebody did since `used` was told. */
  afterMiss(used: CompanyInfo): Promise<CompanyInfo>;
}

/** Looks the codebase up by `companyinfo`, which needs no signing in and is sent none. */
export function createCodebase({ address, company, http, memory, redact }: CodebaseOptions): Codebase {
  function current(): Promise<CompanyInfo> {
    memory.info ??= remembered(read());
    return memory.info;
  }

  async function afterMiss(used: CompanyInfo): Promise<CompanyInfo> {
    const seen = memory.info;
    if (seen !== null && (await seen) !== used) return seen;
    if (memory.info === seen) memory.info = remembered(read());
    return current();
  }

  function remembered(reading: Promise<CompanyInfo>): Promise<CompanyInfo> {
    reading.catch(() => {
      if (memory.info === reading) memory.info = null;
    });
    return reading;
  }

  async function read(): Promise<CompanyInfo> {
    const what = 'looking up the version';
    const url = `${address}/login/companyinfo/${encodeURIComponent(company)}`;
    const result = await http.send({ method: 'GET', url, headers: { accept: 'application/json' }, intent: 'read' });
    if (result.kind === 'lost') throw readError(what, { kind: 'lost', message: result.reason }, redact);
    const reply = readAnswer(result.status, result.text, result.headers);
    const isNowhere = reply.kind !== 'result' && result.status === 404;
    if (isNowhere) throw invalidAnswer(`has no API at this address: its version is not told there (status ${result.status}).`, { address });
    if (reply.kind !== 'result') throw readError(what, reply, redact);
    const info = companyInfoSchema.safeParse(reply.value);
    if (!info.success) throw invalidAnswer(`answered with something else than expected (${what}).`, { address });
    if (info.data === null) {
      throw new RollcallError('PSA_CREDENTIALS_REJECTED', `${connectWiseName} knows no company "${company}" at this address.`, {
        place: { system: connectWiseName, address, setting: 'psa.credentials.company' },
      });
    }
    // It becomes a part of every address, so nothing else than a plain name is taken.
    const codebase = /^\/?(v\d\w*)\/?$/i.exec(info.data.Codebase ?? '')?.[1];
    if (codebase === undefined) throw invalidAnswer(`told no version that can be used (${what}).`, { address });
    return { codebase, version: info.data.VersionNumber };
  }

  return { current, afterMiss };
}
