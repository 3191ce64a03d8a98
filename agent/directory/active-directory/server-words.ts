/** Makes text that a server chose fit for a message: one line, no control characters, cut to `max` characters. */
export function oneLine(text: string, max: number): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, max);
}
