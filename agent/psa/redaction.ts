/**
 * Makes the server's words fit for a message: without the given secrets, e-mail addresses and phone numbers, on one line, short.
 */
export function redactText(text: string, secrets: readonly string[]): string {
  const withoutSecrets = secrets.filter((secret) => secret.length >= 3).reduce((rest, secret) => rest.replaceAll(secret, '<secret>'), text);
  return withoutSecrets
    .replace(/[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g, '<e-mail>')
    .replace(/\+?\d[\d ().-]{7,}\d/g, '<number>')
    .replace(/\bbearer\s+\S+|\beyJ[\w.-]+/gi, '<token>')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 200);
}
