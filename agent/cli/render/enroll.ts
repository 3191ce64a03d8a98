import type { View } from '../answer.ts';
import type { EnrollDocument } from '../documents-collector.ts';
import { sections } from './parts.ts';

/** As whom this machine has joined, what was written, and what comes next. */
export function renderEnroll(document: EnrollDocument, view: View): string {
  const { style } = view;
  const { hub, collector, again, configFile, organizationOfFile } = document;
  const isForeign = organizationOfFile !== null && organizationOfFile !== collector.organization;
  return sections(
    [
      `${style.good(again ? 'Joined anew' : 'Joined')}  ${hub.name} (${hub.url})`,
      `  as ${style.strong(collector.name)}, collector of organization ${collector.organization}`,
    ],
    fileLine(document),
    isForeign
      ? `${style.warning('!')} ${configFile} says that collector.organization is ${organizationOfFile}. Nothing is sent before it is ${collector.organization}.`
      : '',
    nextLines(document, isForeign, view),
  );
}

function fileLine({ configFile, backup }: EnrollDocument): string {
  if (configFile === null) return '';
  return backup === null ? `${configFile} names the hub already.` : `${configFile} now names the hub (hub.url); as it was: ${backup}`;
}

function nextLines({ configFile, hub }: EnrollDocument, isForeign: boolean, view: View): readonly string[] {
  const command = (words: string, does: string): string =>
    `  rollcall${view.sameOptions} ${view.style.strong(words)}  ${view.style.quiet(does)}`;
  const { style } = view;
  if (configFile === null) {
    return [style.strong('Next'), `  Write a configuration with collector, directories and "hub": { "url": "${hub.url}" }.`];
  }
  return [
    style.strong('Next'),
    ...(isForeign ? ['  Correct collector.organization.'] : []),
    command('validate', 'tests the directories and the hub'),
    command('run', 'the service: reads by schedule and sends; one that runs already takes it over'),
  ];
}
