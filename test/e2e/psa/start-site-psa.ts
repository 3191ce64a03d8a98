import type { BmsSandbox } from '../../sandbox/bms/bms-sandbox.ts';
import { startAutotaskSitePsa } from './autotask-site-psa.ts';
import { startBmsSitePsa } from './bms-site-psa.ts';
import { startConnectWiseSitePsa } from './connectwise-site-psa.ts';
import type { SitePsa, SitePsaType } from './site-psa.ts';

/** Starts the stand-in with the customer's company, its location and one contact; `bms`: where it is one of BMS. */
export async function startSitePsa(type: SitePsaType): Promise<{ readonly psa: SitePsa; readonly bms: BmsSandbox | null }> {
  const { psa, bms } = await started(type);
  // BMS publishes no list of its types: they are learned from a contact.
  psa.add({ firstName: 'Front', lastName: 'Desk', emails: ['desk@acme.test'], phones: ['4155550199'] });
  return { psa, bms };
}

async function started(type: SitePsaType): Promise<{ readonly psa: SitePsa; readonly bms: BmsSandbox | null }> {
  switch (type) {
    case 'connectwise':
      return { psa: await startConnectWiseSitePsa(), bms: null };
    case 'autotask':
      return { psa: await startAutotaskSitePsa(), bms: null };
    case 'bms':
    case 'vorex':
    case 'pulseway':
      return startBmsSitePsa(type);
  }
}
