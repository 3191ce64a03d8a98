import { isIP } from 'node:net';
import { optionalHostName, optionalProxyAddress, optionalWebAddress, serverAddress } from '../config/value-types.ts';

/** What is wrong with an answer, in words, or `null`: the same rules as the configuration file's. */
export type Problem = string | null;

function problemOf(
  schema: { safeParse(value: string): { success: boolean; error?: { issues: readonly { message: string }[] } } },
  text: string,
): Problem {
  const parsed = schema.safeParse(text);
  return parsed.success ? null : (parsed.error?.issues[0]?.message ?? 'not valid');
}

export function addressProblem(text: string): Problem {
  if (!/^ldaps:\/\//i.test(text)) return 'an address that begins with ldaps://';
  return problemOf(serverAddress, text);
}

export function domainProblem(text: string): Problem {
  if (isIP(text) !== 0 || !text.includes('.')) return 'the DNS name of the domain, like corp.example.com';
  return problemOf(optionalHostName, text);
}

export function webAddressProblem(text: string): Problem {
  return problemOf(optionalWebAddress, text);
}

export function proxyProblem(text: string): Problem {
  return problemOf(optionalProxyAddress, text);
}
