import { RollcallError } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { Operations } from '../../cli/operations.ts';
import { chooseOrganizations } from '../choose-organizations.ts';
import type { Services } from '../services.ts';
import { scanToHub, syncToHub } from './collect-and-send.ts';
import type { HubDoor } from './hub-door.ts';

type Decided = Pick<
  Operations,
  | 'plan'
  | 'approve'
  | 'reject'
  | 'listContacts'
  | 'showContact'
  | 'matchContact'
  | 'createContacts'
  | 'ignoreContacts'
  | 'restoreContacts'
  | 'unmatchContacts'
  | 'explain'
  | 'assess'
  | 'push'
  | 'undo'
>;

/** The operations of a collector: it reads and sends; what the hub decides is refused with the hub's address (`HUB_DECIDES`). */
export function collectorOperations(services: Services, hub: HubDoor, own: Operations): Operations {
  const [first] = services.organizations;

  function organizationOf(named: string | null): OrganizationId {
    const [chosen] = chooseOrganizations(services, named);
    if (chosen === undefined) throw new RollcallError('ORGANIZATION_UNKNOWN', 'The configuration names no organization.');
    return chosen;
  }

  async function decides(): Promise<never> {
    throw new RollcallError('HUB_DECIDES', `This machine collects for the hub ${hub.url}, which has what this command needs.`, {
      place: { hub: hub.url, ...(first === undefined ? {} : { organization: first }) },
    });
  }

  const decided: Decided = {
    plan: decides,
    approve: decides,
    reject: decides,
    listContacts: decides,
    showContact: decides,
    matchContact: decides,
    createContacts: decides,
    ignoreContacts: decides,
    restoreContacts: decides,
    unmatchContacts: decides,
    explain: decides,
    assess: decides,
    push: decides,
    undo: decides,
  };

  return {
    ...own,
    ...decided,
    async scan(options) {
      const organization = organizationOf(options.organization);
      const store = await services.writableStore('scan');
      return [await scanToHub(services, hub, store, { command: 'scan', organization, scan: true, full: options.full, spared: [] })];
    },
    async sync(options) {
      if (options.approve !== null) return decides();
      const organization = organizationOf(options.organization);
      const store = await services.writableStore('sync');
      const { scan, full, sparedFullReads = [] } = options;
      return [await syncToHub(services, hub, store, { command: 'sync', organization, scan, full, spared: sparedFullReads })];
    },
  };
}
