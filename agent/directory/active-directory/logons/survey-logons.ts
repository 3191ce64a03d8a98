import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { type ErrorCode, RollcallError } from '../../../../core/errors.ts';
import type { LogonSurvey } from '../../../../core/ports/directory-source.ts';
import { type ActiveDirectoryConfig, type DirectoryDeadlines, defaultDeadlines, readAddresses, type ServerAddress } from '../config.ts';
import { decodeEntry } from '../entry-decoder.ts';
import { mapInFlight } from '../map-in-flight.ts';
import { searchPages } from '../paged-search.ts';
import { searchBasesOf } from '../read-scope.ts';
import { type RootEntry, readRootEntry } from '../root-entry.ts';
import type { DirectorySession } from '../session.ts';
import { vendorSchemas } from '../vendor-schema.ts';
import { type ControllerList, type ListedController, listControllers } from './list-controllers.ts';
import { LogonTally } from './logon-tally.ts';

type Attempt = (session: DirectorySession) => Promise<void>;

/** How controllers are reached, each in a session of its own that is closed when the attempt has ended. */
export interface ControllerReach {
  /** One that the configuration names. Both throw `DIRECTORY_BIND_REJECTED` without asking once one has refused the sign-in. */
  configured(address: ServerAddress, attempt: Attempt): Promise<void>;
  /** One that the forest names. Throws `CONFIG_INVALID` when the configuration lets none of that name be asked. */
  named(host: string, attempt: Attempt): Promise<void>;
}

const schema = vendorSchemas['active-directory'];
const attributes = ['objectGUID', 'lastLogon'];
/** MaxPageSize of Active Directory's default query policy: the fewest round trips. */
const pageSize = 1000;
const atOnce = 8;
/** Bind, "who am I" and root entry. */
const openingRequests = 3;
/** One survey of one controller: ids and times of 100,000 users take a minute over a slow line. */
const mostSurveyMs = 30 * 60_000;
/** A controller that shows fewer of the users than this, measured by the one that shows most, hides them. */
const leastShare = 0.5;

/** Those of a read, shorter where a read may take longer. */
export function surveyDeadlines(deadlines: Partial<DirectoryDeadlines> = {}): Partial<DirectoryDeadlines> {
  return { ...deadlines, readMs: Math.min(mostSurveyMs, deadlines.readMs ?? defaultDeadlines.readMs) };
}

/**
 * Asks every domain controller of the domain for the last logons of its users (C4), which no controller tells the others: first the
 * one of the session that is given, which lists them, and beside it the others. The scope's filter, groups and excluded OUs are left
 * out: some users more do no harm. A controller that fails is reported and ends nothing; once one has refused the sign-in, no more
 * are asked. Throws what ends the session given before it has answered at all, and `INTERRUPTED`.
 */
export async function surveyLogons(session: DirectorySession, config: ActiveDirectoryConfig, reach: ControllerReach): Promise<LogonSurvey> {
  const startedAt = performance.now();
  const root = await openingOf(session, config);
  const list = await listControllers(session, root);
  const survey = new Survey(config, reach, { root, list });
  await survey.run(session, { startedAt, requests: openingRequests + list.requests });
  return survey.result();
}

async function openingOf(session: DirectorySession, config: ActiveDirectoryConfig): Promise<RootEntry> {
  const [root] = await Promise.all([readRootEntry(session, schema, config.domain), session.confirm()]);
  return root;
}

interface Begun {
  readonly startedAt: number;
  readonly requests: number;
}

type Failed = LogonSurvey['failed'][number];

class Survey {
  private readonly config: ActiveDirectoryConfig;
  private readonly reach: ControllerReach;
  private readonly bases: readonly string[];
  private readonly list: ControllerList;
  private readonly ownService: string | null;
  private readonly tally = new LogonTally();
  private readonly asked: LogonSurvey['asked'][number][] = [];
  private readonly failed: Failed[] = [];
  /** Configured addresses that failed before it was known which controller they lead to. */
  private readonly unknownFailed: Failed[] = [];
  /** Controllers that are being asked, or were, by their service. */
  private readonly claimed = new Set<string>();

  constructor(
    config: ActiveDirectoryConfig,
    reach: ControllerReach,
    { root, list }: { readonly root: RootEntry; readonly list: ControllerList },
  ) {
    this.config = config;
    this.reach = reach;
    this.bases = searchBasesOf(config, root.defaultBase);
    this.list = list;
    this.ownService = serviceOf(root);
  }

  async run(session: DirectorySession, begun: Begun): Promise<void> {
    if (this.ownService !== null) this.claimed.add(this.ownService);
    await Promise.all([this.report(session.server, () => this.ask(session, begun)), this.runOthers(session.server)]);
  }

  private async runOthers(ownUrl: string): Promise<void> {
    // Who is who among the configured ones shows only once they have answered; the rest is asked by name.
    const configured = readAddresses(this.config).filter(({ url }) => url !== ownUrl);
    await mapInFlight(configured, (address) => this.askConfigured(address), atOnce);
    const left = this.list.controllers.filter(({ service }) => !this.claimed.has(service));
    await mapInFlight(left, (controller) => this.askNamed(controller), atOnce);
  }

  result(): LogonSurvey {
    const { controllers, gap } = this.list;
    const isListed = controllers.some(({ service }) => service === this.ownService);
    const untold = gap ?? (isListed ? null : 'the one that was asked is not among them: they may be hidden from this account');
    if (untold !== null) this.fail(this.config.name, 'DIRECTORY_RIGHTS', `the domain controllers are not known: ${untold}`);
    const asked = this.withoutBlind();
    if (this.failed.length > 0) this.failed.push(...this.unknownFailed);
    const exact = this.failed.length === 0 && asked.length === controllers.length;
    return {
      asked: asked.toSorted((a, b) => a.server.localeCompare(b.server)),
      failed: this.failed.toSorted((a, b) => a.server.localeCompare(b.server)),
      exact,
      // Of a user whom one of them did not show, new or hidden, the true last logon is not known.
      logons: this.tally.logons(exact ? asked.length : 0),
    };
  }

  /** Takes out those that answered and cannot have told everything: lost rights look like users that are not there. */
  private withoutBlind(): LogonSurvey['asked'] {
    const most = Math.max(0, ...this.asked.map(({ users }) => users));
    // Nobody may ever have signed in at those that answered, as long as others have not.
    const allAnswered = this.failed.length === 0 && this.unknownFailed.length === 0;
    if (most > 0 && allAnswered && !this.tally.hasValues) {
      this.fail(this.config.name, 'DIRECTORY_RIGHTS', 'no controller shows lastLogon of any user: the right to read it is missing');
    }
    return this.asked.filter(({ server, users }) => {
      const isBlind = users < most * leastShare;
      if (isBlind) this.fail(server, 'DIRECTORY_RIGHTS', `it shows ${users} of the ${most} users that another controller shows`);
      return !isBlind;
    });
  }

  private async askConfigured(address: ServerAddress): Promise<void> {
    const byName = this.list.controllers.find(({ host }) => host === address.host)?.service ?? null;
    if (byName !== null) {
      if (this.claimed.has(byName)) return;
      this.claimed.add(byName);
    }
    const attempt: Attempt = async (session) => {
      const begun = { startedAt: performance.now(), requests: openingRequests };
      const service = serviceOf(await openingOf(session, this.config));
      if (service !== byName && !this.claimOther(service, { byName, server: address.url })) return;
      await this.report(address.url, () => this.ask(session, begun));
    };
    const failed = byName === null ? this.unknownFailed : this.failed;
    await this.report(address.url, () => this.reach.configured(address, attempt), failed);
  }

  /** Which controller answered shows only now. `false`: it is being asked already, by another name or address. */
  private claimOther(service: string | null, { byName, server }: { readonly byName: string | null; readonly server: string }): boolean {
    if (byName !== null) this.claimed.delete(byName);
    if (service === null) return true;
    if (this.claimed.has(service)) return false;
    if (this.list.gap === null && !this.list.controllers.some((controller) => controller.service === service)) {
      throw this.error('DIRECTORY_PROTOCOL', server, 'is no domain controller of the same domain');
    }
    this.claimed.add(service);
    return true;
  }

  private async askNamed({ host, name, service }: ListedController): Promise<void> {
    if (host === null) {
      this.fail(name, 'DIRECTORY_DISCOVERY', `the forest tells no DNS name of the domain controller ${name}`);
      return;
    }
    const attempt: Attempt = async (session) => {
      const begun = { startedAt: performance.now(), requests: openingRequests };
      if (serviceOf(await openingOf(session, this.config)) !== service) {
        throw this.error('DIRECTORY_PROTOCOL', session.server, 'is another domain controller than the one of that name');
      }
      await this.ask(session, begun);
    };
    await this.report(host, () => this.reach.named(host, attempt));
  }

  /** Reads all users of one controller. */
  private async ask(session: DirectorySession, { startedAt, requests: before }: Begun): Promise<void> {
    const controller = this.tally.controller();
    let requests = before;
    for (const base of this.bases) {
      const words = { base, filter: schema.people, attributes, pageSize, what: `the last logons below ${base}` };
      const gap = await searchPages(session, words, {
        onEntry: (reader) => controller.add(decodeEntry(reader)),
        onPage: async () => {
          requests += 1;
          return controller.endPage();
        },
      });
      if (gap !== null) throw this.error('DIRECTORY_INCOMPLETE', session.server, `did not tell all: ${gap}`);
    }
    if (controller.unusable > 0) {
      const what = `sent ${controller.unusable} users whose id or last logon cannot be read`;
      throw this.error('DIRECTORY_INCOMPLETE', session.server, what);
    }
    this.tally.count(controller);
    const durationMs = Math.round(performance.now() - startedAt);
    this.asked.push({ server: session.server, users: controller.users.size, requests, durationMs });
  }

  /** Carries out what may fail for one controller without failing the survey. */
  private async report(server: string, work: () => Promise<void>, failed: Failed[] = this.failed): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
      const isPinned = error.code === 'DIRECTORY_TLS_PIN_MISMATCH';
      const advice = isPinned ? '; tls.pinSha256 is of one certificate only: with tls.caFile every controller can be asked' : '';
      const at = error.place['server'];
      failed.push({ server: typeof at === 'string' ? at : server, code: error.code, message: `${error.message}${advice}` });
    }
  }

  private fail(server: string, code: ErrorCode, what: string): void {
    this.failed.push({ server, code, message: `directory "${this.config.name}": ${what}` });
  }

  private error(code: ErrorCode, server: string, what: string): RollcallError {
    const place = { directory: this.config.name, server };
    return new RollcallError(code, `${server} (directory "${this.config.name}") ${what}`, { place });
  }
}

function serviceOf({ dsServiceName }: RootEntry): string | null {
  return dsServiceName === null ? null : canonicalDn(dsServiceName);
}
