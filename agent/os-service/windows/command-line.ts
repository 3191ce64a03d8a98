/** Words as one command line that a program of Windows reads as the same words again (the rules of CommandLineToArgvW). */
export function commandLine(words: readonly string[]): string {
  // Backslashes count only before a quote; there each needs another one.
  return words.map((word) => `"${word.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`).join(' ');
}
