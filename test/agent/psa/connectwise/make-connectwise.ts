import { createConnectWise } from '../../../../agent/psa/connectwise/adapter.ts';
import type { ConnectWiseMemory } from '../../../../agent/psa/connectwise/tenant.ts';
import { Redacted } from '../../../../agent/secrets/redacted.ts';
import type { NamedType } from '../../../../core/model/contact.ts';
import type { Psa } from '../../../../core/ports/psa.ts';
import { parseTestPhone } from '../bms/make-bms.ts';
import { answer, createFakeHttp, type FakeHttp, type Handler } from './fake-http.ts';

export const privateKey = 'correct horse battery';
const address = 'https://psa.example.test';

export interface ConnectWiseUnderTest {
  readonly psa: Omit<Psa, 'tenant'>;
  readonly http: FakeHttp;
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: readonly number[];
}

interface Choices {
  readonly externalKeyField?: string;
  readonly pinnedEmail?: NamedType;
  readonly memory?: ConnectWiseMemory;
  /** What `companyinfo` tells, one after the other; the last one goes on. */
  readonly codebases?: readonly string[];
}

/** The adapter over a fake HTTP client. `companyinfo`, and whether text has its case (it has not), are answered here. */
export function makeConnectWise(handler: Handler, choices: Choices = {}): ConnectWiseUnderTest {
  const codebases = [...(choices.codebases ?? ['v2026_1/'])];
  const memory: ConnectWiseMemory = choices.memory ?? new Map();
  memory.set(`${address}\nexamplemsp`, memory.get(`${address}\nexamplemsp`) ?? { info: null, ignoresCase: Promise.resolve(true) });
  const http = createFakeHttp((request, seen) => {
    if (request.codebase !== null) return handler(request, seen);
    const Codebase = codebases.length > 1 ? codebases.shift() : codebases[0];
    return answer({ CompanyName: 'Example MSP', Codebase, VersionNumber: 'v2026.1.10001', CompanyID: 'examplemsp', IsCloud: true });
  });
  const waits: number[] = [];
  const psa = createConnectWise({
    baseUrl: address,
    credentials: { company: 'examplemsp', publicKey: 'public', privateKey: new Redacted(privateKey), clientId: 'client-id' },
    http,
    clock: {
      wait(ms) {
        waits.push(ms);
        return Promise.resolve();
      },
    },
    parsePhone: parseTestPhone,
    pinnedTypes: { email: choices.pinnedEmail ?? null, phone: null },
    externalKeyField: choices.externalKeyField ?? '',
    memory,
  });
  return { psa, http, waits };
}

/** A contact as the API tells it. */
export function contactRow(id: number, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    id,
    firstName: 'Ada',
    lastName: `Number ${id}`,
    company: { id: 250, identifier: 'Acme', name: 'Acme' },
    site: { id: 11, name: 'Head Office' },
    inactiveFlag: false,
    communicationItems: [emailItem(1, `user${id}@acme.example.test`), phoneItem(2, '+1 415 555 0101')],
    _info: { lastUpdated: '2026-02-01T10:00:00Z', updatedBy: 'person' },
    ...more,
  };
}

export function emailItem(id: number, value: string, isDefault = true, typeId = 1): Readonly<Record<string, unknown>> {
  return { id, type: { id: typeId, name: 'Email' }, value, defaultFlag: isDefault, domain: '@acme', communicationType: 'Email' };
}

export function phoneItem(id: number, value: string, isDefault = true, typeId = 2): Readonly<Record<string, unknown>> {
  return { id, type: { id: typeId, name: 'Direct' }, value, defaultFlag: isDefault, communicationType: 'Phone' };
}
