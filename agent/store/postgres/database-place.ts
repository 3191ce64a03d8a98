/** Where a PostgreSQL database is, and as whom it is used; no secret is in it. */
export interface DatabasePlace {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** `null`: no TLS. `caFile` `null`: the certificates that Node and the system trust. Name and chain are always checked. */
  readonly tls: { readonly caFile: string | null } | null;
}

/** For messages: `database "rollcall" on db.example.com:5432`. */
export function placeInWords({ host, port, database }: DatabasePlace): string {
  return `database "${database}" on ${host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`}`;
}

/** For the place of an error. */
export function placeFacts({ host, port, database }: DatabasePlace): {
  readonly host: string;
  readonly port: number;
  readonly database: string;
} {
  return { host, port, database };
}
