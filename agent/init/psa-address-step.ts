import { webAddressProblem } from './answer-problems.ts';
import type { InitContext } from './init-context.ts';
import type { ConnectedPsa } from './psa-forms.ts';

interface Regions {
  readonly question: string;
  readonly choices: readonly { readonly value: string; readonly label: string; readonly hint: string }[];
  readonly other: string;
}

const regions: Readonly<Partial<Record<ConnectedPsa, Regions>>> = {
  // The vendor's page "BMS REST APIs v2".
  bms: {
    question: 'Where is your BMS?',
    choices: [
      { value: '', label: 'United States', hint: 'api.bms.kaseya.com' },
      { value: 'https://api.bmsemea.kaseya.com', label: 'Europe, Middle East, Africa', hint: 'api.bmsemea.kaseya.com' },
      { value: 'https://api.bmsapac.kaseya.com', label: 'Asia, Pacific', hint: 'api.bmsapac.kaseya.com' },
    ],
    other: 'Address of its API, like https://api.bms.kaseya.com',
  },
  // People sign in at na.myconnectwise.net and the like; the API is at "api-" before that.
  connectwise: {
    question: 'Where do you sign in to ConnectWise PSA?',
    choices: [
      { value: '', label: 'North America', hint: 'na.myconnectwise.net' },
      { value: 'https://api-eu.myconnectwise.net', label: 'Europe', hint: 'eu.myconnectwise.net' },
      { value: 'https://api-au.myconnectwise.net', label: 'Australia', hint: 'au.myconnectwise.net' },
    ],
    other: 'Its address, like https://na.myconnectwise.net',
  },
};
const elsewhere = 'other';

/** Whether the PSA is at several addresses of which one has to be chosen. */
export function hasRegions(type: ConnectedPsa): boolean {
  return regions[type] !== undefined;
}

/** The PSA's address; empty: the product's only or usual one. Autotask's is looked up by the API user. */
export async function choosePsaAddress({ given, dialogue }: InitContext, type: ConnectedPsa): Promise<string> {
  if (given.psaUrl !== undefined) return given.psaUrl;
  const known = regions[type];
  if (!dialogue.attended || known === undefined) return '';
  const chosen = await dialogue.choose({
    message: known.question,
    choices: [...known.choices, { value: elsewhere, label: 'Another address' }],
    initial: '',
  });
  if (chosen !== elsewhere) return chosen;
  return dialogue.text({ message: known.other, problem: (text) => (text === '' ? 'an address' : webAddressProblem(text)) });
}
