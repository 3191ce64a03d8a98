export type ItGlueRegion = 'us' | 'eu' | 'au';

/** The addresses of the API (IT Glue, API documentation, "Overview"). */
const addresses: Readonly<Record<ItGlueRegion, string>> = {
  us: 'https://api.itglue.com',
  eu: 'https://api.eu.itglue.com',
  au: 'https://api.au.itglue.com',
};

/** The address to use: `baseUrl` in place of the region's, when it is not empty; without a slash at its end. */
export function itGlueAddress(region: ItGlueRegion, baseUrl: string): string {
  return (baseUrl === '' ? addresses[region] : baseUrl).replace(/\/+$/u, '');
}
