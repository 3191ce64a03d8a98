import type { PasswordExpiry } from '../model/time.ts';

/** Why something could not be looked at, as the error that was met says it. */
export interface LookFailure {
  /** An error code; `INTERNAL` for a fault of rollcall itself. */
  readonly code: string;
  readonly message: string;
}

/** What one look brought. Each look stands by itself: one that fails keeps no other from being made. */
export type Look<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: LookFailure };

/** What an examination of a directory has shown: facts, no judgement, nobody's name but the own account's. Times are milliseconds. */
export interface DirectoryExamination {
  /** The look-up of the domain's controllers; `null`: the configuration names no domain. */
  readonly names: NameFacts | null;
  /** Servers of the configuration come as it has them, else those that DNS names. */
  readonly servers: readonly ServerFacts[];
  /** What signing in shows of the domain; `null`: nobody was to sign in, or no server let anybody. */
  readonly domain: DomainFacts | null;
}

/** What DNS says of a domain. */
export interface NameFacts {
  readonly domain: string;
  /** The name servers that were asked, in words. */
  readonly nameServers: string;
  /** The SRV name that was asked for. */
  readonly asked: string;
  /** The controllers that it names, as `host:port`. */
  readonly found: Look<readonly string[]>;
}

type PortState = 'open' | 'closed' | 'filtered' | 'no route';

/** One server, looked at from outside and, when it may be trusted, from inside. */
export interface ServerFacts {
  /** `ldaps://dc1.corp.example.com` */
  readonly server: string;
  readonly host: string;
  readonly addresses: Look<readonly string[]>;
  readonly ports: readonly {
    readonly port: number;
    /** rollcall reads through it; the others are looked at for what they tell. */
    readonly needed: boolean;
    readonly state: PortState;
    readonly ms: number;
  }[];
  /** `null`: the connection is not encrypted, or there is none. */
  readonly certificate: Look<CertificateFacts> | null;
  /** What became of a sign-in without encryption, with a made-up name and password; `null`: not tried. */
  readonly clearText: Look<'refused' | 'looked at'> | null;
  /** `null`: not tried. */
  readonly signIn: Look<SignInFacts> | null;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: number;
  /** The names that it is good for, as it has them. */
  readonly names: string;
  /** Subject of the CA that the server sends with it; `null`: it sends none. */
  readonly sentCa: string | null;
  /** Why it is not taken under the configured trust; `null`: it is. */
  readonly objection: LookFailure | null;
}

export interface SignInFacts {
  readonly domain: string | null;
  readonly hostName: string | null;
  readonly site: string | null;
  /** domainControllerFunctionality: 7 is Windows Server 2016 to 2022, 10 is 2025. */
  readonly level: number | null;
  /** How far this machine's clock is ahead of the server's, and how far that may be wrong. */
  readonly clock: { readonly aheadMs: number; readonly uncertainMs: number } | null;
  readonly ms: number;
}

export interface DomainFacts {
  /** The server that was asked. */
  readonly server: string;
  readonly base: string;
  readonly account: Look<AccountFacts>;
  readonly users: Look<UserSample>;
  readonly policy: Look<PolicyFacts>;
  readonly deleted: Look<DeletedFacts>;
  readonly changes: Look<ChangesFacts>;
  readonly forest: Look<ForestFacts>;
}

/** The account that rollcall signs in with. */
export interface AccountFacts {
  /** As Windows names it (`CORP\svc`), for commands. */
  readonly name: string;
  /** `null`: its own entry cannot be found or read; what follows is then unknown. */
  readonly dn: string | null;
  /** Names of the groups it is in, nested ones too, that are above an ordinary user. */
  readonly powerfulGroups: readonly string[];
  /** Whether groups could be seen at all. */
  readonly groupsSeen: boolean;
  /** It was in an administrators' group once (adminCount). */
  readonly adminCount: boolean;
  readonly replicatesSecrets: boolean | null;
  readonly control: number | null;
  readonly passwordLastSet: number | null;
  readonly passwordExpires: PasswordExpiry;
}

/** What of some users can be read. */
export interface UserSample {
  /** Users that were looked at. */
  readonly looked: number;
  /** Attributes that every user has, each with the number of users in which it could be read, where that is not all of them. */
  readonly lacking: Readonly<Record<string, number>>;
  /** All of those users are or were administrators, whose rights come from CN=AdminSDHolder. */
  readonly protectedOnly: boolean;
  /** Attributes that only some users have, and that were read in none. */
  readonly unseen: readonly string[];
  /** How many attributes of an ordinary user the account could write. */
  readonly writable: number;
}

export interface PolicyFacts {
  /** The domain's own limit in days; `never`; `null`: it cannot be read. */
  readonly maxAgeDays: number | 'never' | null;
  /** Fine-grained policies that are visible. */
  readonly finePolicies: number;
}

export interface DeletedFacts {
  readonly visible: boolean;
  /** The container, for commands. */
  readonly container: string;
  readonly lifetimeDays: number;
  /** `null`: it cannot be told. */
  readonly recycleBin: boolean | null;
}

/** How the next read finds out what changed (C9). */
export interface ChangesFacts {
  readonly method: 'DirSync' | 'uSNChanged' | 'none';
  /** Why not the better one; empty for the best. */
  readonly because: string;
}

/** Places and controllers, from the configuration partition. */
export interface ForestFacts {
  /** The collector's subnets, or the addresses of its machine where it was given none. */
  readonly places: readonly string[];
  /** The places are the configuration's. */
  readonly configured: boolean;
  readonly sites: readonly string[];
  /** `site` null: it was given to none. */
  readonly subnets: readonly { readonly name: string; readonly site: string | null }[];
  /** The domain's controllers by host name. */
  readonly controllers: readonly { readonly host: string; readonly site: string }[];
  /** Why this may not be all; `null`: it is. */
  readonly gap: string | null;
}
