/** A way of a place to the rest: of a hub to collectors, database and vendors; of a collector, to the hubs alone. */
export type Link = 'front' | 'database' | 'cloud';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where one machine stands: its processes see the others over its links only, and each can be cut. */
export interface Place {
  /** What stands in front of the words of a process that is to run there. */
  readonly prefix: readonly string[];
  /** Where its own servers have to listen. */
  readonly listenHost: string;
  /** How its processes reach a port of the outside: by the same address from every place. */
  outward(link: Link, port: number): Promise<Address>;
  /** How the outside reaches one of its ports. */
  inward(link: Link, port: number): Promise<Address>;
  /** The address that the other side of the link sees its connections come from. */
  source(link: Link): string;
  cut(link: Link): void;
  mend(link: Link): void;
}

export interface Network extends AsyncDisposable {
  /** In words, for the report. */
  readonly kind: string;
  /** Where servers of the outside have to listen. */
  readonly outsideHost: string;
  /** For the certificates of servers of the outside, as `IP:ADDRESS`. */
  readonly outsideNames: readonly string[];
  place(name: string, links: readonly Link[]): Place;
}
