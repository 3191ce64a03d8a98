import { BerWriter, Control } from 'ldapts';
import { berTags } from './ber-reader.ts';

/** Names of the controls of Active Directory (MS-ADTS 3.1.1.3.4.1). */
export const controlNames = {
  showDeleted: '1.2.840.113556.1.4.417',
  showRecycled: '1.2.840.113556.1.4.2064',
  dirSync: '1.2.840.113556.1.4.841',
} as const;

/** Only what the caller may read, and therefore without the right to replicate (LDAP_DIRSYNC_OBJECT_SECURITY). */
const objectSecurity = 0x1;
/** Of long value lists only what was added or taken away (LDAP_DIRSYNC_INCREMENTAL_VALUES), as a signed number of 32 bits. */
const incrementalValues = -0x80000000;
/** Bytes an answer may have; the server stops after the object that exceeds them, and says that there is more. */
const answerBytes = 1024 * 1024;

class DirSyncControl extends Control {
  readonly #cookie: Buffer;

  constructor(cookie: Buffer) {
    super(controlNames.dirSync, { critical: true });
    this.#cookie = cookie;
  }

  override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(objectSecurity + incrementalValues);
    value.writeInt(answerBytes);
    value.writeBuffer(this.#cookie, berTags.octetString);
    value.endSequence();
    writer.writeBuffer(value.buffer, berTags.octetString);
  }
}

/** Asks for what changed since the cookie was given; an empty cookie stands for the beginning (MS-ADTS 3.1.1.3.4.1.3). */
export function dirSync(cookie: Buffer): Control {
  return new DirSyncControl(cookie);
}

/** Shows deleted objects too, those that the recycle bin has emptied as well where the server knows how. */
export function showDeleted(supportedControls: ReadonlySet<string>): Control {
  const name = supportedControls.has(controlNames.showRecycled) ? controlNames.showRecycled : controlNames.showDeleted;
  return new Control(name, { critical: true });
}
