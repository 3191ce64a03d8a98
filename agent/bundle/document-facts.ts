import {
  boolean,
  code,
  counts,
  cron,
  date,
  hash,
  list,
  named,
  number,
  object,
  oneOf,
  presence,
  type Rule,
  runNumber,
  size,
  timeZone,
  version,
} from './allow.ts';
import { address } from './config-facts.ts';
import { commands, guardKinds, matchStates, outcomes, runCounts, triggers } from './known-words.ts';
import type { Pseudonyms } from './pseudonyms.ts';

const parts = ['directory', 'it-glue', 'psa', 'store', 'service', 'notify', 'log', 'configuration', 'plan', 'hub'];
const findingStates = ['ok', 'note', 'warning', 'problem'];

/** Codes and numbers of a problem; its sentence names things, its hint is in the table of codes. */
function problemRule(names: Pseudonyms): Rule {
  return object({
    code,
    part: oneOf(parts),
    severity: oneOf(['degraded', 'failed']),
    organization: named('org', names),
    since: date,
    place: object({
      organization: named('org', names),
      directory: named('directory', names),
      server: address(names),
      lost: number,
      reason: code,
      cause: code,
    }),
  });
}

const nextRule = (names: Pseudonyms): Rule => object({ organization: named('org', names), command: oneOf(commands), at: date });

/** The watch of two-way sync; why it fails in the words of the failure is left out. */
const watchRule = object({
  lastLookAt: date,
  lastGoodAt: date,
  seenTo: object({ itGlue: date, psa: date }),
  nextLookAt: date,
  failing: object({ code, since: date }),
  counts: counts(['nothing', 'something', 'failed']),
});

/** `status`, without sentences and names. */
export function statusFacts(document: unknown, names: Pseudonyms): unknown {
  const guard = object({ kind: oneOf(guardKinds), count: number, limit: number, exceeded: boolean });
  const run = object({
    run: runNumber,
    organization: named('org', names),
    command: oneOf(commands),
    trigger: oneOf(triggers),
    startedAt: date,
    finishedAt: date,
    outcome: oneOf(outcomes),
    hash,
    counts: counts(runCounts),
    error: object({ code }),
  });
  return object({
    health: oneOf(['healthy', 'degraded', 'failed']),
    problems: list(problemRule(names)),
    runs: list(run),
    store: object({ kind: oneOf(['embedded', 'postgresql']) }),
    service: object({
      state: oneOf(['running', 'not-running', 'none']),
      version,
      pid: number,
      startedAt: date,
      stoppedAt: date,
      at: date,
      configLoadedAt: date,
      current: object({ command: oneOf(commands), startedAt: date }),
      lastSuccessAt: date,
      watch: watchRule,
    }),
    next: list(nextRule(names)),
    held: list(object({ organization: named('org', names), hash, since: date, reason: heldReason, guards: list(guard) })),
    organizations: list(
      object({
        organization: named('org', names),
        users: number,
        counts: counts(matchStates),
        conflicts: number,
        psaHeld: number,
        notSeen: number,
        onboarded: boolean,
        lastScanAt: date,
        lastSyncAt: date,
        lastSuccessAt: date,
        message: presence,
      }),
    ),
    hub: object({
      joined: presence,
      trust: oneOf(['pinned key', 'hub.caFile', "the system's CAs"]),
      lastContactAt: date,
      clockDifferenceMs: number,
      waiting: size,
    }),
    notices: size,
  })(document);
}

const heldReason: Rule = (value) =>
  typeof value === 'string'
    ? value.split(',').map((part) => oneOf(['onboarding', 'PSA_DOUBLE_PUSH', ...guardKinds])(part.trim()) ?? null)
    : undefined;

/** What the service last said about itself (`service.json`). */
export function serviceFacts(document: unknown, names: Pseudonyms): unknown {
  return object({
    pid: number,
    version,
    startedAt: date,
    at: date,
    configLoadedAt: date,
    stoppedAt: date,
    schedule: object({ scan: cron, fullScan: cron, timezone: timeZone }),
    next: list(nextRule(names)),
    current: object({ command: oneOf(commands), startedAt: date }),
    lastSuccessAt: date,
    watch: watchRule,
    problems: list(problemRule(names)),
    eventLoop: object({ p50: number, p99: number, max: number }),
    rssBytes: number,
  })(document);
}

/** `doctor`: what was looked at and how it was found. What was seen names hosts and files. */
export function doctorFacts(document: unknown): unknown {
  const looked: Rule = (value) => (typeof value === 'string' && /^[A-Z]{2,20}(?:_[A-Z]{1,20}){0,5}$/.test(value) ? value : undefined);
  return object({
    state: oneOf(findingStates),
    counts: counts(findingStates),
    findings: list(
      object({
        part: oneOf(['machine', 'service', 'store', 'network', 'it-glue', 'psa', 'directory', 'hub']),
        code: looked,
        state: oneOf(findingStates),
        subject: presence,
        error: code,
      }),
    ),
  })(document);
}
