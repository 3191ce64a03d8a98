/** The release that the first line of a file names; `null`: none. */
export function releaseIn(text: string): string | null {
  const line = (text.split('\n')[0] ?? '').replaceAll('\r', '');
  return /^[0-9A-Za-z.+_~-]{1,200}$/.test(line) ? line : null;
}
