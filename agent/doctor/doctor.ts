import { formatVersion } from '../cli/documents.ts';
import type { DoctorDocument, DoctorPart, FindingDocument, FindingState } from '../cli/documents-doctor.ts';
import type { Services } from '../pipeline/services.ts';
import { directoryChecks } from './directory/directory-checks.ts';
import { worstOf } from './finding.ts';
import { hubChecks } from './hub.ts';
import { itGlueChecks } from './it-glue.ts';
import { type ClockSample, judgeClock } from './judge.ts';
import { machineChecks } from './machine.ts';
import { probeEndpoint } from './probe-endpoint.ts';
import { psaChecks } from './psa.ts';
import { type Check, runChecks } from './run-checks.ts';
import { serviceAndStoreChecks } from './service-and-store.ts';
import type { Endpoint } from './surroundings.ts';
import { judgeEndpoint, wayChecks } from './ways.ts';

/** Together longer than all steps within them may take. */
const wayMs = 45_000;
const apiMs = 130_000;

const order: readonly DoctorPart[] = ['machine', 'service', 'store', 'network', 'hub', 'it-glue', 'psa', 'directory'];

/**
 * Examines this machine and everything that the configuration names; writes nothing anywhere. Each look stands by itself and has a
 * time limit, so that what is broken does not hide the rest. Throws `INTERRUPTED` only.
 */
export async function examine(services: Services): Promise<DoctorDocument> {
  const task = services.progress.start('Examining');
  const clocks: ClockSample[] = [];
  const itGlue = Promise.withResolvers<boolean>();
  const checks = [
    ...machineChecks(services),
    ...serviceAndStoreChecks(services),
    ...wayChecks(services),
    ...endpointChecks(services, clocks, {
      'it-glue': () => itGlueChecks(services, itGlue.resolve),
      psa: () => psaChecks(services, itGlue.promise),
    }),
    ...hubChecks(services),
    ...directoryChecks(services),
  ];
  let done = 0;
  const counted = checks.map((check) => ({
    ...check,
    look: async () => {
      try {
        return await check.look();
      } finally {
        // Whatever became of it, nobody waits for IT Glue after its own check.
        if (check.topic.part === 'it-glue') itGlue.resolve(false);
        done += 1;
        task.update(done, checks.length);
      }
    },
  }));
  try {
    const found = await runChecks(counted, services.signal);
    task.done('Examined');
    return documentOf([...found, judgeClock(clocks)], services.notices);
  } catch (error) {
    task.fail();
    throw error;
  }
}

/**
 * The way to the API first; what needs the API only when the way is open, else the same cause would be told over and over. A way that
 * is open up to an answer that is odd says nothing against the API.
 */
function endpointChecks(
  services: Services,
  clocks: ClockSample[],
  then: Readonly<Record<Endpoint['part'], () => readonly Check[]>>,
): readonly Check[] {
  return services.surroundings.endpoints.map((endpoint) => ({
    topic: { part: endpoint.part, subject: new URL(endpoint.url).host, code: 'REACHABLE' },
    limitMs: wayMs + apiMs,
    look: async () => {
      const probe = await probeEndpoint(new URL(endpoint.url), endpoint.name, services.surroundings.network());
      if (probe.clock !== null) clocks.push(probe.clock);
      const found = judgeEndpoint(endpoint, probe, services.now());
      if (probe.failure !== null && probe.failure.stage !== 'answer') return found;
      return [...found, ...(await runChecks(then[endpoint.part](), services.signal))];
    },
  }));
}

function documentOf(found: readonly FindingDocument[], notices: readonly string[]): DoctorDocument {
  const findings = found.toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
  const count = (state: FindingState): number => findings.filter((finding) => finding.state === state).length;
  return {
    formatVersion,
    state: worstOf(findings),
    counts: { ok: count('ok'), note: count('note'), warning: count('warning'), problem: count('problem') },
    findings,
    notices,
  };
}
