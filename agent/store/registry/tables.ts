import type { Generated, Kysely, Transaction } from 'kysely';

/** JSON as text: both databases keep it as it was written. */
type Json = string;

interface InvitationTable {
  id: string;
  secret_hash: string;
  organization: string;
  subnets: Json;
  name: string | null;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  /** The collector that it became. */
  used_by: string | null;
}

interface CollectorTable {
  id: string;
  organization: string;
  name: string;
  /** The name without regard to case: what has to be the only one of the organization. */
  name_key: string;
  subnets: Json;
  location: string;
  version: string;
  platform: string;
  added_at: number;
  revoked_at: number | null;
  deleted_at: number | null;
  last_contact_at: number | null;
  clock_ahead_ms: number | null;
  heartbeat_at: number | null;
  heartbeat: Json | null;
}

interface KeyTable {
  id: Generated<number>;
  collector_id: string;
  secret_hash: string;
  made_at: number;
  first_used_at: number | null;
  retired_at: number | null;
}

interface AuditTable {
  id: Generated<number>;
  at: number;
  who: string;
  what: string;
  organization: string;
  collector_id: string | null;
  detail: Json;
}

export interface RegistryTables {
  property: { name: string; value: string };
  invitation: InvitationTable;
  collector: CollectorTable;
  collector_key: KeyTable;
  audit: AuditTable;
}

export type Registering = Kysely<RegistryTables> | Transaction<RegistryTables>;
