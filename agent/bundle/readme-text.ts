/** What each file has in it, in words for whoever opens the bundle. */
const explained: Readonly<Record<string, string>> = {
  'facts.json': 'versions of rollcall, Node and the system; memory, free disk, time zone',
  'config.json': 'which settings there are; numbers, switches and fixed words as they are, everything else as a pseudonym',
  'service.json': 'what the service last said about itself',
  'vault.json': 'how many secrets the vault holds; no name, no value',
  'store.json': "the store's layout, sizes, health and numbers of rows",
  'runs.json': 'the last 200 runs: when, what, how it ended, counts, error codes',
  'journal.json': 'how many writes of each kind, state and error code; nothing of what was written',
  'decisions.json': 'how many users each rule decided how',
  'users-in-trouble.json': 'up to 200 users with conflicts, several candidates and the like: rules and codes, under pseudonyms',
  'status.json': '"rollcall status" without its sentences and names',
  'doctor.json': '"rollcall doctor" without what it saw',
  'log.jsonl': "the newest 2 MB of the log files: rollcall's own texts, counts, codes and pseudonyms",
};

/** The README of a bundle. */
export function readmeText(contents: readonly { readonly name: string; readonly code: string | null }[]): string {
  const lines = contents.map(({ name, code }) => `  ${name.padEnd(24)}${explained[name] ?? ''}${code === null ? '' : ` [${code}]`}`);
  return [
    'rollcall support bundle',
    '',
    'Inside:',
    ...lines,
    '',
    'A code in brackets says why a file has no more in it.',
    '',
    'Not inside: passwords, keys and other secrets; names, e-mail addresses, phone numbers, titles and distinguished names of people;',
    'names of customers, hosts, domains, accounts and folders; addresses; what errors and log lines say in words of their own.',
    '',
    'Names like user-7c1d20a4f9 or host-0b11c2d3e4 are pseudonyms. The same thing has the same name within this bundle and another',
    'one in the next. The key they were made with was thrown away: nobody can tell from them whom or what they stand for.',
    '',
    'Please look through the files before you send them.',
    '',
  ].join('\n');
}
