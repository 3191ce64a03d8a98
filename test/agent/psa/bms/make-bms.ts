import type { HttpClock } from '../../../../agent/http/http-clock.ts';
import { createBms } from '../../../../agent/psa/bms/adapter.ts';
import type { BmsMemory } from '../../../../agent/psa/bms/memory.ts';
import type { BmsProduct } from '../../../../agent/psa/bms/products.ts';
import { Redacted } from '../../../../agent/secrets/redacted.ts';
import type { NamedType } from '../../../../core/model/contact.ts';
import type { Phone } from '../../../../core/model/phone.ts';
import type { Psa } from '../../../../core/ports/psa.ts';
import { createFakeHttp, type FakeHttp, type Handler, tokens } from './fake-http.ts';

export const password = 'correct horse battery';
export const start = Date.parse('2026-03-02T08:00:00Z');

export interface BmsUnderTest {
  readonly psa: Omit<Psa, 'tenant'>;
  readonly http: FakeHttp;
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: readonly number[];
  /** Moves the clock. */
  advance(ms: number): void;
}

interface Choices {
  readonly product?: BmsProduct;
  readonly pinnedEmail?: NamedType;
  readonly blankPhone?: string;
  readonly password?: string;
  readonly memory?: BmsMemory;
}

/** The adapter over a fake HTTP client; sign-ins give `access-1`, `access-2`, … unless the handler answers them. */
export function makeBms(handler: Handler, choices: Choices = {}): BmsUnderTest {
  let now = start;
  let signedIn = 0;
  const http = createFakeHttp((request, seen) => {
    if (request.path === '/v2/security/authenticate') return tokens(++signedIn, now + 900_000);
    return handler(request, seen);
  });
  const waits: number[] = [];
  const clock = {
    now: () => now,
    wait(ms: number) {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  return { psa: bmsOver(http, clock, choices), http, waits, advance: (ms) => (now += ms) };
}

/** The adapter over any HTTP client. */
function bmsOver(http: FakeHttp, clock: Pick<HttpClock, 'now' | 'wait'>, choices: Choices = {}): Omit<Psa, 'tenant'> {
  return createBms({
    product: choices.product ?? 'bms',
    baseUrl: 'https://bms.example.test',
    credentials: { userName: 'api@msp.example.test', password: new Redacted(choices.password ?? password), tenant: 'Example MSP' },
    http,
    clock,
    parsePhone: parseTestPhone,
    pinnedTypes: { email: choices.pinnedEmail ?? null, phone: null },
    blankPhone: choices.blankPhone ?? '000-000-0000',
    memory: choices.memory,
  });
}

/** Knows North American numbers with "+1" and an extension behind "x"; enough for tests. */
export function parseTestPhone(raw: string): Phone {
  const [number = '', extension = null] = raw.split(/\s*x\s*/i);
  const digits = number.replace(/\D/g, '');
  return { raw, e164: /^\+1\D*(\d\D*){10}$/.test(number.trim()) ? `+${digits}` : null, extension };
}

/** A contact's row as the API lists it. */
export function contactRow(id: number, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    id,
    accountId: 250,
    accountName: 'Acme',
    locationId: 11,
    firstName: 'Ada',
    lastName: `Number ${id}`,
    jobTitle: null,
    isActive: true,
    modifiedOn: '2026-02-01T10:00:00',
    emails: [{ id: 1, emailAddress: `user${id}@acme.example.test`, emailTypeId: 5, emailType: 'Work', isDefault: true }],
    phones: [{ id: 1, phone: '+1 415 555 0101', phoneTypeId: 7, phoneType: 'Work', isDefault: true }],
    ...more,
  };
}
