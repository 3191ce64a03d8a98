/**
 * Every text that the program logs. The texts are static; data stands beside them. Support bundles and Windows' event log show
 * only texts of this list, so that no other text can leave a machine by them; a test holds the list and the code equal.
 */
const logMessages: ReadonlySet<string> = new Set([
  'A directory could not be read',
  'Applied a plan',
  'HTTP exchange',
  'Log events were lost',
  'Settled a write whose answer never came',
]);

export function isLogMessage(text: string): boolean {
  return logMessages.has(text);
}
