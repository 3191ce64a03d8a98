import process from 'node:process';
import { startForwarders } from './forwarders.ts';
import { namespacesMissing, startNamespaces } from './namespaces.ts';
import type { Network } from './network.ts';

/** Network namespaces where they can be had, and forwarders where not, which it says on standard error. */
export function startNetwork(): Network {
  const missing = namespacesMissing();
  if (missing === null) return startNamespaces();
  process.stderr.write(`POORER: cuts are made by forwarders, which the cut side hears of: ${missing}\n`);
  return startForwarders();
}
