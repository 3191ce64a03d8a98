import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScriptedServer, startScriptedServer } from '../agent/http/scripted-server.ts';
import { person } from './people.ts';
import { type RunningService, startService, underClock } from './running-service.ts';
import { type Site, startSite } from './site.ts';

const minuteMs = 60_000;
const noon = Date.UTC(2026, 10, 24, 12);

/** A site under a clock that a test sets forward. */
export interface TimedSite {
  readonly site: Site;
  readonly start: () => Promise<RunningService>;
  readonly forward: (minutes: number) => void;
}

/** With a scan each hour and one person, unless the sections say otherwise. */
export async function startTimedSite(sections: Readonly<Record<string, unknown>>): Promise<TimedSite> {
  const schedule = { scan: '0 * * * *', fullScan: '30 1 * * *', timezone: 'UTC', jitterSeconds: 0 };
  const site = await startSite({ people: [person('ada')], sections: { schedule, ...sections } });
  const offsetFile = join(site.folder, 'offset');
  writeFileSync(offsetFile, '0');
  const clock = { origin: noon, realOrigin: Date.now(), scale: 1, intervals: 50, offsetFile };
  let minutes = 0;
  return {
    site,
    async start() {
      const service = await startService(site, { clock });
      Object.assign(site.environment, underClock(clock));
      return service;
    },
    forward(more) {
      minutes += more;
      // Whole at once: a clock that finds half a number goes back.
      writeFileSync(`${offsetFile}.new`, String(minutes * minuteMs));
      renameSync(`${offsetFile}.new`, offsetFile);
    },
  };
}

interface Message {
  readonly event: string;
  readonly problems: readonly { readonly code: string }[];
}

/** A webhook that takes every message. */
export async function startHook(): Promise<{ readonly hook: ScriptedServer; readonly messages: () => readonly string[] }> {
  const bodies: string[] = [];
  const hook = await startScriptedServer((_request, response, body) => {
    bodies.push(body);
    response.end('ok');
  });
  return {
    hook,
    messages: () =>
      bodies
        .map((body) => JSON.parse(body) as Message)
        .map(({ event, problems }) => `${event} ${problems.map(({ code }) => code).join('+')}`),
  };
}

/** The ends of the runs so far, by their codes. */
export function ends(service: RunningService): readonly unknown[] {
  return service.log().flatMap(({ message, code }) => (message === 'A scheduled run has ended' ? [code] : []));
}
