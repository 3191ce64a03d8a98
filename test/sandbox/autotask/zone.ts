import type { Answer, SandboxRequest } from '../exchange.ts';
import type { Tenant } from './envelope.ts';
import { errorAnswer, success } from './envelope.ts';

const timeframeMinutes = 60;

/** `GET ZoneInformation?user=`: needs no credentials, on any host; an unknown user is an error 500. */
export function showZone(tenant: Tenant, request: SandboxRequest): Answer {
  const user = [...request.query].find(([name]) => name.toLowerCase() === 'user')?.[1] ?? '';
  if (user.toLowerCase() !== tenant.credentials.userName.toLowerCase()) {
    return errorAnswer(500, 'The user is unknown or its zone could not be found.');
  }
  const origin = tenant.zoneOrigin();
  return success({ zoneName: 'Sandbox Zone', url: `${origin}/ATServicesRest/`, webUrl: `${origin}/`, ci: 1 });
}

export function showVersions(): Answer {
  return success({ apiVersions: ['1.0'] });
}

/** Has counted itself. */
export function showThreshold({ data, switches }: Tenant): Answer {
  return success({
    externalRequestThreshold: switches.hourlyLimit,
    requestThresholdTimeframe: timeframeMinutes,
    currentTimeframeRequestCount: data.usage.count,
  });
}
