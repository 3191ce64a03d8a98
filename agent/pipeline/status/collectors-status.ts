import { RollcallError } from '../../../core/errors.ts';
import { organizationId } from '../../../core/model/ids.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { ProblemDocument } from '../../cli/documents.ts';
import type { HubCollectorDocument, HubCollectorsDocument, ListeningHubDocument } from '../../cli/documents-hub.ts';
import { isHub } from '../../config/role.ts';
import type { ServiceView } from '../../service/service-facts.ts';
import { version } from '../../version.ts';
import type { Services } from '../services.ts';
import { judgeCollectors, skewNotices } from './judge-collectors.ts';
import { problemDocument, serviceToldCode } from './problem.ts';

/** What is asked about, and what else is known of it. */
export interface CollectorsContext {
  readonly view: ServiceView;
  readonly now: Moment;
  /** `null`: all of them, those that the configuration does not name any more too. */
  readonly organizations: readonly string[] | null;
  /** Whether the store has sources that this collector read. */
  readonly hasSources: (organization: string, collector: string) => boolean;
}

export interface CollectorsStatus {
  readonly document: ListeningHubDocument;
  readonly problems: readonly ProblemDocument[];
  readonly notices: readonly string[];
}

/** The collectors of this hub and what is wrong with them; `null`: this machine is no hub. */
export async function collectorsStatus(services: Services, context: CollectorsContext): Promise<CollectorsStatus | null> {
  const { config } = services;
  if (!isHub(config)) return null;
  const { listen } = config.hub;
  const read = await readAll(services);
  if (read instanceof RollcallError) {
    const { code, message, place } = read;
    const problem = problemDocument({ code, severity: 'failed', message, since: null, place }, null);
    const isTold = serviceToldCode(context.view, code);
    return { document: { listen, collectors: [], uncovered: [] }, problems: isTold ? [] : [problem], notices: [] };
  }
  const { organizations } = context;
  const isAsked = (one: { readonly organization: string }): boolean => organizations?.includes(one.organization) ?? true;
  const known = {
    collectors: read.collectors.filter(isAsked),
    invitations: read.invitations.filter(isAsked),
    uncovered: read.uncovered.filter(isAsked),
  };
  const isMissed = ({ organization, name }: HubCollectorDocument): boolean => context.hasSources(organization, name);
  return {
    document: { listen, collectors: known.collectors, uncovered: known.uncovered },
    problems: judgeCollectors(known, { ...context, isMissed }).map(({ organization, finding }) =>
      problemDocument(finding, organizationId(organization)),
    ),
    notices: skewNotices(known.collectors, version),
  };
}

/** A registry that cannot be read is a finding like any other. */
async function readAll(services: Services): Promise<HubCollectorsDocument | RollcallError> {
  try {
    return await services.collectors();
  } catch (error) {
    if (error instanceof RollcallError && /^(?:STORE|SECRET|VAULT)_/.test(error.code)) return error;
    throw error;
  }
}
