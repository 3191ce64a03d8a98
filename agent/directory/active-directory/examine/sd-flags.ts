import { BerWriter, Control } from 'ldapts';
import { berTags } from '../ber-reader.ts';

const sdFlagsName = '1.2.840.113556.1.4.801';
/** OWNER, GROUP and DACL_SECURITY_INFORMATION: without the SACL, which only administrators may read. */
const withoutAudit = 0x7;

class SdFlagsControl extends Control {
  constructor() {
    super(sdFlagsName, { critical: true });
  }

  override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(withoutAudit);
    value.endSequence();
    writer.writeBuffer(value.buffer, berTags.octetString);
  }
}

/** Asks for security descriptors as an ordinary account may read them (MS-ADTS 3.1.1.3.4.1.11). */
export function sdFlags(): Control {
  return new SdFlagsControl();
}
