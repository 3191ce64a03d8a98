import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { HubDoor } from '../pipeline/hub/hub-door.ts';
import type { Services } from '../pipeline/services.ts';
import { notOk, ok, type Topic } from './finding.ts';
import type { Check } from './run-checks.ts';

const callMs = 60_000;
const clockLimitMs = 300_000;

/** Looks at the hub of a collector: whether it answers, is the one that was joined, and speaks a common protocol. */
export function hubChecks(services: Services): readonly Check[] {
  const { hub } = services;
  if (hub === null) return [];
  const topic: Topic = { part: 'hub', subject: new URL(hub.url).host, code: 'HUB' };
  return [
    { topic, limitMs: callMs, look: () => linkFindings(hub, topic) },
    { topic: { ...topic, code: 'HUB_CLOCK' }, limitMs: callMs, look: () => clockFindings(hub, { ...topic, code: 'HUB_CLOCK' }) },
  ];
}

async function linkFindings(hub: HubDoor, topic: Topic): Promise<readonly FindingDocument[]> {
  const { name, organization } = await hub.identity();
  const link = await hub.link();
  const { version } = await link.facts();
  return [ok(topic, `answers (rollcall ${version}, certificate by ${hub.trust}); joined as ${name} of organization ${organization}`)];
}

async function clockFindings(hub: HubDoor, topic: Topic): Promise<readonly FindingDocument[]> {
  const known = await hub.lastKnown();
  const apart = known?.clockDifferenceMs ?? null;
  if (apart === null) return [notOk(topic, 'note', 'not compared yet: the running service does that', null)];
  const seen = `${Math.round(Math.abs(apart) / 1000)} s ${apart > 0 ? 'ahead of' : 'behind'} the hub's`;
  const remedy = 'Have both machines synchronise their time (chrony or systemd-timesyncd; w32time in a domain).';
  return [Math.abs(apart) > clockLimitMs ? notOk(topic, 'warning', seen, remedy) : ok(topic, seen)];
}
