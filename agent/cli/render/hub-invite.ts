import type { View } from '../answer.ts';
import type { HubInviteDocument } from '../documents-hub.ts';
import { formatDate } from '../terminal/format.ts';
import { sections } from './parts.ts';

/** The code stands in the command alone: that is what is copied. */
export function renderHubInvite(document: HubInviteDocument, view: View): string {
  const { organization, subnets, name, url, pinSha256, expiresAt } = document;
  const { style } = view;
  const whose = name === null ? 'one collector' : `the collector "${name}"`;
  return sections(
    `${style.good('Invited')}  ${whose} of organization ${organization}, for ${subnets.join(', ')}`,
    ['On its machine, as root or Administrator:', '', `  ${style.strong(document.command)}`],
    [
      `The code works once, until ${formatDate(expiresAt)}, and is not shown again. Whoever has it can join: hand it over like a password.`,
      style.quiet(pinSha256 === '' ? `hub ${url}` : `hub ${url}, known by its public key sha256 ${pinSha256}`),
    ],
  );
}
