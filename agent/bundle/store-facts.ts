import type { StoreInspection } from '../store/inspect-store.ts';
import { boolean, code, counts, hash, list, moment, named, number, object, oneOf, type Rule, runNumber, version } from './allow.ts';
import { address } from './config-facts.ts';
import { commands, guardKinds, intentStates, operations, outcomes, presences, runCounts, triggers } from './known-words.ts';
import type { Pseudonyms } from './pseudonyms.ts';

type Row = Readonly<Record<string, unknown>>;

const mostRuns = 200;

/** Layout, sizes, health and how many rows each table has. */
export function storeFacts(store: StoreInspection): unknown {
  return {
    files: store.files,
    layout: store.layout,
    version: { ...store.version, value: version(store.version.value) ?? null },
    integrity: store.integrity,
    tables: store.tables,
  };
}

/** The newest runs: when, what, how it ended, how much, by which code it failed. */
export function runFacts(store: StoreInspection, names: Pseudonyms): unknown {
  const runs: unknown[] = [];
  const rule = object({
    id: runNumber,
    organization: named('org', names),
    command: oneOf(commands),
    trigger: oneOf(triggers),
    started_at: moment,
    finished_at: moment,
    outcome: oneOf(outcomes),
    plan_hash: hash,
    counts: json(counts(runCounts)),
    error: json(object({ code })),
    detail: json(storyRule(names)),
  });
  const { code: failed } = store.each(`select * from run order by id desc limit ${mostRuns}`, (row) => runs.push(rule(row)));
  return { error: failed, runs };
}

/** What a run tells besides its writes, in numbers and codes. */
function storyRule(names: Pseudonyms): Rule {
  const read = object({
    directory: named('directory', names),
    server: address(names),
    outcome: oneOf(outcomes),
    users: number,
    leftOut: number,
    ms: number,
    durationMs: number,
    code,
    kind: oneOf(['full', 'changes']),
    absent: counts(presences),
    // Its names stay here.
    rescoped: object({ takenIn: number, leftOut: number }),
    logons: object({ exact: boolean, asked: number, failed: number }),
    error: object({ code }),
  });
  return object({
    reads: list(read, 50),
    planned: counts(runCounts),
    held: object({ hash, exceeded: list(object({ kind: oneOf(guardKinds), count: number, limit: number }), 10) }),
    failures: (value) => codeCounts(value),
    users: object({ takenIn: number, leftOut: number }),
    refused: object({ code }),
  });
}

/** How many writes of each kind, state and code there are, and how many of them were undone; nothing of what was written. */
export function journalFacts(store: StoreInspection, names: Pseudonyms): unknown {
  const groups = new Map<string, { readonly group: object; writes: number; undone: number }>();
  const rule = object({ organization: named('org', names), operation: oneOf(operations), state: oneOf(intentStates) });
  const { code: failed } = store.each('select organization, operation, state, result, undone_by from journal', (row) => {
    const group = { ...(rule(row) as object), code: codeIn(row) };
    const key = JSON.stringify(group);
    const known = groups.get(key) ?? { group, writes: 0, undone: 0 };
    groups.set(key, known);
    known.writes += 1;
    known.undone += Number(row['undone_by'] !== null);
  });
  return { error: failed, groups: [...groups.values()].map(({ group, writes, undone }) => ({ ...group, writes, undone })) };
}

/** The code in a JSON column; most writes have none. */
function codeIn(row: Row): unknown {
  const { result } = row;
  if (typeof result !== 'string' || !result.includes('"code"')) return null;
  const facts = json(object({ code }))(result);
  return typeof facts === 'object' && facts !== null && 'code' in facts ? facts.code : null;
}

function codeCounts(value: unknown): unknown {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return counts(keys.filter((key) => typeof code(key) === 'string'))(value);
}

/** A column that holds JSON as text; text that is none is dropped. */
export function json(rule: Rule): Rule {
  return (value) => {
    if (value === null) return null;
    if (typeof value !== 'string') return undefined;
    try {
      return rule(JSON.parse(value));
    } catch {
      return undefined;
    }
  };
}
