import type { Answer, SandboxRequest } from '../exchange.ts';
import { htmlPage } from '../reply.ts';
import type { Tenant } from './answers.ts';
import { errorAnswer, noEndpoint, unreadable } from './answers.ts';

const alias = 'v4_6_release/';
/** Response versions before this one are refused where communication types are asked for. */
const oldestForTypes = '2020.4';

/** What a company's cloud runs on, told to anybody; `null` for a company that does not exist. */
export function companyInfo(tenant: Tenant, company: string): Answer {
  const { codebase, apiVersion } = tenant.switches;
  if (company !== tenant.credentials.company) {
    return { status: 200, text: 'null' };
  }
  const version = `v${apiVersion}`;
  return {
    status: 200,
    body: {
      CompanyName: 'Sandbox MSP',
      Codebase: codebase,
      VersionCode: version,
      VersionNumber: `${version}.10001`,
      CompanyID: company,
      IsCloud: true,
    },
  };
}

export function systemInfo(tenant: Tenant): Answer {
  const version = `v${tenant.switches.apiVersion}.10001`;
  return { status: 200, body: { version, isCloud: true, serverTimeZone: 'UTC', cloudRegion: 'NA', licenseBits: [] } };
}

/** The path below `apis/3.0`, or the answer to a codebase that is not there. */
export function apiPath(tenant: Tenant, path: string): string | Answer {
  const [, codebase = '', rest = ''] = /^\/([^/]+\/)apis\/3\.0(\/.*)$/.exec(path) ?? [];
  if (codebase === alias || (codebase !== '' && codebase === tenant.switches.codebase)) {
    return rest;
  }
  return tenant.switches.oldCodebase === 'html' ? htmlPage(404, '404 - File or directory not found.') : noEndpoint();
}

/** Whether key and client id are right. */
export function isSignedIn({ credentials }: Tenant, request: SandboxRequest): boolean {
  const { company, publicKey, privateKey, clientId } = credentials;
  const wanted = `Basic ${Buffer.from(`${company}+${publicKey}:${privateKey}`).toString('base64')}`;
  return request.headers['authorization'] === wanted && request.headers['clientid']?.toLowerCase() === clientId.toLowerCase();
}

/** What wrong credentials get; `drop`: the connection is broken. */
export function signInRefused(tenant: Tenant): Answer | 'drop' {
  switch (tenant.switches.refusedSignIn) {
    case 'unauthorized':
      return errorAnswer(401, 'Unauthorized', 'The credentials are not valid.');
    case 'not-found':
      return noEndpoint();
    case 'dropped':
      return 'drop';
  }
}

/** Checks the version that the Accept header asks for, if any. */
export function checkVersion(tenant: Tenant, request: SandboxRequest, path: string): void {
  const accept = request.headers['accept'] ?? '';
  const asked = /application\/vnd\.connectwise\.com\+json\s*;\s*version=([^\s,;]+)/i.exec(accept)?.[1];
  if (asked === undefined) {
    return;
  }
  const tooOld = path === '/company/communicationTypes' && compareVersions(asked, oldestForTypes) < 0;
  if (!/^\d{4}\.\d{1,2}$/.test(asked) || compareVersions(asked, tenant.switches.apiVersion) > 0 || tooOld) {
    throw unreadable(`The version ${asked} is not supported. `);
  }
}

function compareVersions(one: string, other: string): number {
  const [a = 0, b = 0] = one.split('.').map(Number);
  const [c = 0, d = 0] = other.split('.').map(Number);
  return a - c || b - d;
}
