import pg from 'pg';
import type { RunStory } from '../../agent/cli/documents-runs.ts';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';

/** One run of an organization, as the database saw it begin and end; times are the database's clock, in milliseconds. */
export interface SeenRun {
  readonly id: number;
  readonly organization: string;
  readonly command: string;
  /** The address that it was begun from. */
  readonly source: string;
  readonly begunAt: number;
  /** `null`: it never ended. */
  readonly endedAt: number | null;
  readonly outcome: string;
  readonly error: string | null;
  /** Records that failed, by error code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** A write of what is decided about one user. */
interface SeenDecision {
  readonly at: number;
  readonly source: string;
  readonly organization: string;
  readonly user: string;
  readonly state: string;
  readonly rule: string | null;
}

/** What the database told the moment it was committed. */
interface Told {
  readonly table: 'run' | 'journal';
  readonly source: string;
  readonly organization: string;
}

/** Watches the database itself, so that what happened is known whatever became of the processes. */
export interface History extends AsyncDisposable {
  /** Called for each run that begins and each intent that is committed. */
  onTold(look: (told: Told) => void): () => void;
  runs(): Promise<readonly SeenRun[]>;
  /** Every write of what is decided about users, in its order. */
  decisions(): Promise<readonly SeenDecision[]>;
  /** Journal entries whose end nobody knows. */
  openIntents(): Promise<number>;
}

/** In a schema of the administrator's own: the store's tables only get triggers. */
const triggers = `
create schema chaos;
create table chaos.run (id bigint primary key, organization text, command text, source text, begun timestamptz, ended timestamptz, outcome text, error text, detail text);
create function chaos.run_begun() returns trigger language plpgsql security definer as $$
begin
  insert into chaos.run values (new.id, new.organization, new.command, host(inet_client_addr()), clock_timestamp(), null, new.outcome, null, null);
  perform pg_notify('chaos', json_build_object('table', 'run', 'source', host(inet_client_addr()), 'organization', new.organization)::text);
  return null;
end $$;
create function chaos.run_ended() returns trigger language plpgsql security definer as $$
begin
  update chaos.run set ended = clock_timestamp(), outcome = new.outcome, error = new.error, detail = new.detail where id = new.id;
  return null;
end $$;
create function chaos.intent() returns trigger language plpgsql security definer as $$
begin
  perform pg_notify('chaos', json_build_object('table', 'journal', 'source', host(inet_client_addr()), 'organization', new.organization)::text);
  return null;
end $$;
create table chaos.state (at timestamptz default clock_timestamp(), source text, organization text, user_id text, state text, rule text);
create function chaos.decided() returns trigger language plpgsql security definer as $$
begin
  insert into chaos.state (source, organization, user_id, state, rule)
    values (host(inet_client_addr()), new.organization, new.user_id, new.state, new.rule);
  return null;
end $$;
create trigger chaos_decided after insert or update on rollcall.user_state for each row execute function chaos.decided();
create trigger chaos_begun after insert on rollcall.run for each row execute function chaos.run_begun();
create trigger chaos_ended after update on rollcall.run for each row when (old.outcome = 'running' and new.outcome <> 'running') execute function chaos.run_ended();
create trigger chaos_intent after insert on rollcall.journal for each row execute function chaos.intent();
grant usage on schema chaos to rollcall;
grant execute on all functions in schema chaos to rollcall`;

const reconnectMs = 200;

/** The store's tables must be there. */
export async function startHistory(place: DatabasePlace): Promise<History> {
  const looks = new Set<(told: Told) => void>();
  const connection = { host: '127.0.0.1', port: place.port, user: 'admin', database: place.database };
  let listener: pg.Client | null = null;
  let isOver = false;

  const ask = async <Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> => {
    const client = new pg.Client(connection);
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  /** Again and again: the server is restarted too. */
  const listen = async (): Promise<void> => {
    const client = new pg.Client(connection);
    listener = client;
    client.on('error', () => undefined);
    client.on('notification', ({ payload = '' }) => {
      const told = JSON.parse(payload) as Told;
      for (const look of looks) look(told);
    });
    client.once('end', () => {
      if (!isOver) setTimeout(() => void listen(), reconnectMs);
    });
    try {
      await client.connect();
      await client.query('listen chaos');
    } catch {
      await client.end().catch(() => undefined);
    }
  };
  await ask(triggers);
  await listen();

  return {
    onTold(look) {
      looks.add(look);
      return () => looks.delete(look);
    },
    async runs() {
      const rows = await ask<
        {
          id: string;
          organization: string;
          command: string;
          source: string;
          outcome: string;
          error: string | null;
          detail: string | null;
        } & Record<'begun' | 'ended', string | null>
      >(
        `select id, organization, command, source, outcome, error, detail, extract(epoch from begun) * 1000 as begun, extract(epoch from ended) * 1000 as ended from chaos.run order by begun`,
      );
      return rows.map(({ id, begun, ended, error, detail, ...row }) => ({
        ...row,
        id: Number(id),
        begunAt: Number(begun),
        endedAt: ended === null ? null : Number(ended),
        error: error === null ? null : (JSON.parse(error) as { readonly code: string }).code,
        failures: detail === null ? {} : ((JSON.parse(detail) as RunStory).failures ?? {}),
      }));
    },
    decisions: () =>
      ask<SeenDecision>(
        'select (extract(epoch from at) * 1000)::float as at, source, organization, user_id as "user", state, rule from chaos.state order by at',
      ),
    async openIntents() {
      const [row] = await ask<{ count: string }>("select count(*) from rollcall.journal where state in ('intended', 'unknown')");
      return Number(row?.count ?? 0);
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await listener?.end().catch(() => undefined);
    },
  };
}
