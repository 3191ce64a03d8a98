import type { OsServiceStatus } from '../../os-service/os-service.ts';
import type { View } from '../answer.ts';
import type { OsServiceConfigureDocument, OsServiceDocument } from '../documents-os-service.ts';
import { sections } from './parts.ts';

export function renderOsService({ steps, service }: OsServiceDocument, view: View): string {
  return sections(
    steps.map(({ did, what }) => `${(did === 'kept' ? view.style.quiet : view.style.good)(did.padEnd(7))}  ${what}`),
    stateLine(service, view),
  );
}

export function renderOsServiceStatus({ service }: { readonly service: OsServiceStatus }, view: View): string {
  return sections(stateLine(service, view));
}

function stateLine({ state, program, startsAtBoot }: OsServiceStatus, view: View): string {
  if (state === 'absent') return `${view.style.warning('absent')}  rollcall is not installed as a service of this machine.`;
  const colour = { running: view.style.good, failed: view.style.bad }[state as string] ?? view.style.warning;
  return `${colour(state)}  ${program ?? ''}${startsAtBoot ? ', starts with the machine' : ', does not start with the machine'}`;
}

export function renderOsServiceConfigure({ configFile, changed, hub, incomplete }: OsServiceConfigureDocument, view: View): string {
  const { style } = view;
  const joined = {
    joined: `${style.good('joined')}  the hub of the activation code`,
    kept: `${style.quiet('kept')}  joined that hub before`,
  };
  return sections(
    changed.length === 0 ? `${style.quiet('kept')}  ${configFile}` : `${style.good('written')}  ${configFile}: ${changed.join(', ')}`,
    hub === null ? '' : joined[hub],
    incomplete === null ? '' : `${style.warning('!')} Not complete yet: ${incomplete}`,
  );
}
