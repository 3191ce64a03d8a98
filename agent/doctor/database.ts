import type { FindingDocument } from '../cli/documents-doctor.ts';
import type { DatabaseFacts } from '../store/postgres/examine-database.ts';
import { notOk, ok, type Topic } from './finding.ts';
import { sizeText } from './judge.ts';
import type { Check } from './run-checks.ts';
import type { StoreWhereabouts } from './surroundings.ts';

const largestSkewMs = 10_000;

/** Looks at a store in a database: one connection answers everything, and its failure is told once. */
export function databaseChecks(where: Extract<StoreWhereabouts, { kind: 'postgresql' }>): readonly Check[] {
  const topic: Topic = { part: 'store', subject: where.words, code: 'STORE' };
  return [{ topic, limitMs: 60_000, look: async () => judgeDatabase(await where.examine(), where.words) }];
}

/** What the facts mean for a store there. */
export function judgeDatabase(facts: DatabaseFacts, words: string): readonly FindingDocument[] {
  const about = (code: Topic['code']): Topic => ({ part: 'store', subject: words, code });
  return [
    judgeContent(facts, about('STORE')),
    judgeServer(facts, about('STORE_SERVER')),
    facts.tls === null
      ? notOk(about('STORE_TLS'), 'note', 'not encrypted: it is on this machine', null)
      : ok(about('STORE_TLS'), `${facts.tls}, name and certificate checked`),
    judgeRights(facts, about('STORE_RIGHTS')),
    judgeDatabaseClock(facts, about('STORE_CLOCK')),
    ok(about('BACKUP'), "the database administrator's: rollcall makes none of a database"),
  ];
}

function judgeContent({ layout, bytes, sessions }: DatabaseFacts, topic: Topic): FindingDocument {
  if (layout === null) return notOk(topic, 'note', 'no store in it yet: the first scan makes it', null);
  return ok(
    topic,
    `layout ${layout}, ${sizeText(bytes)}, ${sessions === 0 ? 'nobody else uses it now' : `${sessions} other sessions of rollcall`}`,
  );
}

function judgeServer({ version, isStandby, durable }: DatabaseFacts, topic: Topic): FindingDocument {
  const seen = `PostgreSQL ${version}`;
  if (isStandby) return notOk(topic, 'problem', `${seen}; it is a standby and takes no writes`, 'Name the primary server in store.url.');
  if (!durable) {
    return notOk(
      topic,
      'problem',
      `${seen}; fsync or full_page_writes is off: a power failure loses or damages what is stored`,
      'Set fsync and full_page_writes to on.',
    );
  }
  return ok(topic, seen);
}

function judgeRights({ isSuperuser, closedSchemas }: DatabaseFacts, topic: Topic): FindingDocument {
  if (closedSchemas.length > 0) {
    return notOk(
      topic,
      'problem',
      `the role may not make tables in schema ${closedSchemas.map((name) => `"${name}"`).join(', ')}`,
      `As the administrator: ${closedSchemas.map((name) => `create schema ${name} authorization ROLE`).join('; ')}.`,
    );
  }
  return isSuperuser
    ? notOk(
        topic,
        'warning',
        'the role is a superuser',
        'Give rollcall a role of its own that owns the schemas of rollcall and nothing else.',
      )
    : ok(topic, 'its own schemas, no superuser');
}

/** What the answer took is no skew. */
function judgeDatabaseClock({ clock }: DatabaseFacts, topic: Topic): FindingDocument {
  const skew = clock.server < clock.before ? clock.server - clock.before : Math.max(0, clock.server - clock.after);
  const seen = skew === 0 ? 'the same as here' : `${Math.abs(Math.round(skew / 1_000))} s ${skew > 0 ? 'ahead of' : 'behind'} this machine`;
  return Math.abs(skew) > largestSkewMs ? notOk(topic, 'warning', seen, 'Synchronise the clocks of both machines (NTP).') : ok(topic, seen);
}
