import type { Generated } from 'kysely';
import type { IntentState, Operation, ReadRecord, RunOutcome } from '../../core/ports/store.ts';

/** JSON as text: both databases keep it as it was written. */
type Json = string;
/** 0 or 1: SQLite has no booleans. */
type Flag = number;

interface SourceTable {
  id: Generated<number>;
  organization: string;
  collector: string;
  directory: string;
  latest_read_id: number | null;
  latest_complete_read_id: number | null;
  /** Family of the latest complete read (D1). */
  family: string | null;
  latest_full_read_id: number | null;
  /** What the latest landed read left for the next one (C9). */
  checkpoint: Json | null;
  /** What the source keeps for itself, whatever became of its reads. */
  memory: Json | null;
  /** The latest survey of last logons, without the logons (C4). */
  logon_survey: Json | null;
  /** When its collector was deleted (D5); `null`: it was not. */
  deleted_at: number | null;
  /** The state that the hub has of it (H2). */
  acknowledged: Json | null;
}

interface ReadTable {
  id: Generated<number>;
  source_id: number;
  source_type: ReadRecord['sourceType'];
  started_at: number;
  finished_at: number | null;
  outcome: ReadRecord['outcome'];
  proof: Json | null;
  error: string | null;
  writer_id: number | null;
}

/** In a schema of its own that is not durable: nobody needs it after a crash. */
interface StagedEntryTable {
  read_id: number;
  immutable_id: string;
  /** `null`: equal to the sighting that is stored. */
  entry: Json | null;
}

/** As `StagedEntryTable`: what is known of users that the read did not bring. */
interface StagedAbsenceTable {
  read_id: number;
  immutable_id: string;
  absence: Json;
}

/** As `StagedEntryTable`: the logons of the survey that is being saved. */
interface StagedLogonTable {
  source_id: number;
  user_id: string;
  at: number;
}

interface SightingTable {
  organization: string;
  user_id: string;
  source_id: number;
  /** `null`: the latest complete read of the source saw it; else the last read that did. So an unchanged user costs no write. */
  last_read_id: number | null;
  first_seen_at: number;
  entry: Json;
  /** What is known of a user that the latest complete read did not bring (C10). */
  absence: Json | null;
  /** The read whose landing last changed the row; `null`: one of before it was kept. */
  touched_read_id: number | null;
}

/** The latest logon that surveys brought of a user that has a sighting (C4). Apart from it: it changes without the entry. */
interface LogonTable {
  source_id: number;
  user_id: string;
  /** 0: those that were asked know of none. */
  at: number;
  /** The latest exact survey did not bring the user. */
  missed: Flag;
}

/** A collector as the hub last heard of it; who keeps its key is no business of this store. */
interface CollectorTable {
  organization: string;
  name: string;
  location: string;
  subnets: Json;
  version: string;
}

interface OrganizationStateTable {
  organization: string;
  body: Json;
}

interface UserStateTable {
  organization: string;
  user_id: string;
  state: 'unmatched' | 'matched' | 'ignored';
  contact_id: string | null;
  rule: string | null;
  decided_at: number | null;
  applied_contact_id: string | null;
  returned: Flag;
  rejected_contact_ids: Json;
  create_requested: Flag;
  created_contact: Flag;
  applied_status: string | null;
  leaver: Json | null;
}

interface ContactBaseTable {
  organization: string;
  user_id: string;
  contact_id: string;
  fields: Json;
}

interface ContactStateTable {
  organization: string;
  contact_id: string;
  fingerprint: string | null;
  push_want: Json | null;
  psa_link: Json | null;
  refused_at_update: Json | null;
  psa_inactive_at: number | null;
  synced: Json | null;
  awaited_since: number | null;
}

interface HeldPlanTable {
  organization: string;
  hash: string;
  made_at: number;
  body: Json;
}

interface RunTable {
  id: Generated<number>;
  organization: string;
  command: string;
  started_at: number;
  finished_at: number | null;
  outcome: RunOutcome;
  plan_hash: string | null;
  counts: Json;
  error: Json | null;
  /** `null`: of before it was kept. */
  trigger: string | null;
  detail: Json | null;
  writer_id: number | null;
}

/** A process that writes, where several do. */
interface WriterTable {
  id: Generated<number>;
  host: string;
  pid: number;
  command: string;
  started_at: number;
}

interface JournalTable {
  id: Generated<number>;
  run_id: number;
  organization: string;
  changes: Json;
  operation: Operation;
  user_id: string | null;
  contact_id: string | null;
  record: string | null;
  request: Json;
  before: Json;
  state: IntentState;
  result: Json;
  intended_at: number;
  settled_at: number | null;
  undone_by: number | null;
}

interface DecisionTable {
  organization: string;
  key: string;
  decided_at: number;
  body: Json;
}

/** Who may work on an organization. The row stays when nobody does: its token only grows. */
interface LeaseTable {
  organization: string;
  /** Another one each time the lease changes hands: what is written under an older one is refused. */
  token: number;
  /** `null`: nobody. */
  writer_id: number | null;
  /** By the database's clock. */
  expires_at: number;
}

/** What is written about the store itself. */
interface PropertyTable {
  name: string;
  value: string;
}

interface MigrationTable {
  id: number;
  name: string;
  applied_at: number;
}

/** The tables as kysely sees them; migrations/ makes them. Times are milliseconds since 1970, ids of others are text. */
export interface StoreTables {
  source: SourceTable;
  read: ReadTable;
  'staging.entry': StagedEntryTable;
  'staging.absence': StagedAbsenceTable;
  'staging.logon': StagedLogonTable;
  sighting: SightingTable;
  logon: LogonTable;
  collector: CollectorTable;
  organization_state: OrganizationStateTable;
  user_state: UserStateTable;
  contact_base: ContactBaseTable;
  contact_state: ContactStateTable;
  held_plan: HeldPlanTable;
  run: RunTable;
  journal: JournalTable;
  decision: DecisionTable;
  writer: WriterTable;
  lease: LeaseTable;
  property: PropertyTable;
  migration: MigrationTable;
}
