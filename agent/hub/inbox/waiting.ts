import type { WaitingUpload } from './inbox.ts';
import { listCollectorIds, lookInto } from './places.ts';
import { readUploadFile } from './upload-file.ts';

/** What lies whole in the inbox of this folder, oldest first; nothing when there is none. Changes nothing. */
export async function waitingIn(root: string): Promise<readonly WaitingUpload[]> {
  const found: WaitingUpload[] = [];
  for (const collectorId of await listCollectorIds(root)) {
    const { uploads } = await lookInto(root, collectorId);
    for (const { uploadId, stage, folder } of uploads) {
      const file = stage === 'receiving' ? null : await readUploadFile(folder);
      if (file !== null) found.push({ ...file, uploadId, folder });
    }
  }
  return found.sort((left, right) => left.receivedAt - right.receivedAt || left.uploadId.localeCompare(right.uploadId));
}
