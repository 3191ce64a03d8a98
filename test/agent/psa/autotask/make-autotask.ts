import { createAutotask } from '../../../../agent/psa/autotask/adapter.ts';
import type { AutotaskMemory } from '../../../../agent/psa/autotask/memory.ts';
import { Redacted } from '../../../../agent/secrets/redacted.ts';
import { RollcallError } from '../../../../core/errors.ts';
import type { Psa } from '../../../../core/ports/psa.ts';
import { createFakeClock, type FakeClock } from '../../http/fake-clock.ts';
import { answer, createFakeHttp, type FakeHttp, type Handler } from '../bms/fake-http.ts';
import { parseTestPhone } from '../bms/make-bms.ts';

export const secret = 'a secret';
export const zone = 'https://webservices5.example.test/ATServicesRest/';

export interface AutotaskUnderTest {
  readonly psa: Omit<Psa, 'tenant'>;
  readonly http: FakeHttp;
  readonly clock: FakeClock;
  /** Another adapter of the same process. */
  readonly again: () => Omit<Psa, 'tenant'>;
  /** `METHOD host/path` of each request. */
  readonly calls: () => readonly string[];
}

/** The adapter over a fake HTTP client; zone, usage and fields are answered unless the handler does. */
export function makeAutotask(handler: (...given: Parameters<Handler>) => ReturnType<Handler> | undefined): AutotaskUnderTest {
  const clock = createFakeClock(Date.parse('2026-03-02T08:00:00Z'));
  const memory: AutotaskMemory = new Map();
  const http = createFakeHttp((request, seen) => handler(request, seen) ?? usual(request.path));
  function again(): Omit<Psa, 'tenant'> {
    return createAutotask({
      baseUrl: 'https://webservices.example.test',
      credentials: { userName: 'api@msp.example.test', secret: new Redacted(secret), integrationCode: 'CODE123' },
      http,
      clock,
      parsePhone: parseTestPhone,
      budgetShare: 0.5,
      memory,
    });
  }
  return {
    psa: again(),
    again,
    http,
    clock,
    calls: () => http.seen.map(({ method, url }) => `${method} ${new URL(url).host}${new URL(url).pathname}`),
  };
}

function usual(path: string): ReturnType<typeof answer> {
  if (path.endsWith('/ZoneInformation')) return answer({ zoneName: 'Five', url: zone, webUrl: zone, ci: 5 });
  if (path.endsWith('/ThresholdInformation')) {
    return answer({ externalRequestThreshold: 10_000, requestThresholdTimeframe: 60, currentTimeframeRequestCount: 1 });
  }
  if (path.endsWith('/fields')) return answer({ fields: [{ name: 'externalID', length: 50, isQueryable: true }] });
  if (/\/Contacts\/\d+$/.test(path)) return answer({ item: null });
  return answer({ errors: ['No matching records found.'] }, 404);
}

/** What it throws; `null`: nothing of ours. */
export async function errorOf(promise: Promise<unknown>): Promise<RollcallError | null> {
  return promise.then(
    () => null,
    (error: unknown) => (error instanceof RollcallError ? error : null),
  );
}
