import { isLoopback, readListenAddress } from '../console/listen-address.ts';
import { type ConfigProblem, problemInWords, valueAt } from './problems.ts';
import { configSchema } from './schema.ts';

/** Certificate and key go together; without them only this machine itself is answered. */
export function checkHubListener(raw: unknown): readonly ConfigProblem[] {
  const parsed = configSchema.shape.hub.safeParse(valueAt(raw, ['hub']));
  if (!parsed.success) {
    return [];
  }
  const { listen, certFile, keyFile } = parsed.data;
  if ((certFile === '') !== (keyFile === '')) {
    const missing = certFile === '' ? 'certFile' : 'keyFile';
    const words = '"hub.certFile" and "hub.keyFile" go together: the certificate that the hub shows, and its key';
    return [problemInWords(['hub', missing], '"certFile" and "keyFile", both or neither', 'only one of them', words)];
  }
  if (listen === '' || certFile !== '' || isLoopback(readListenAddress(listen).host)) {
    return [];
  }
  const words = 'collectors send personal data: give "hub.certFile" and "hub.keyFile", or listen on a loopback address';
  return [problemInWords(['hub', 'certFile'], 'a certificate, because hub.listen is no loopback address', 'nothing', words)];
}
