import type { ReadProof } from '../../core/ports/directory-source.ts';

const maxListed = 100;
const overflow = 'reported, beyond those that are listed';
const furtherReasons = 'for further reasons, beyond those that are listed';

/** Counts what a read leaves out, and lists what it could not use; bounded, whatever a directory sends. */
export class ReadTally {
  private readonly leftOut = new Map<string, number>();
  private readonly rejected: { readonly dn: string; readonly reason: string }[] = [];
  private readonly gaps = new Set<string>();
  users = 0;

  leaveOut(reason: string, count = 1): void {
    const known = this.leftOut.has(reason) || this.leftOut.size < maxListed ? reason : furtherReasons;
    this.leftOut.set(known, (this.leftOut.get(known) ?? 0) + count);
  }

  reject(dn: string, reason: string): void {
    if (this.rejected.length < maxListed) this.rejected.push({ dn: dn.slice(0, 1000), reason });
    else this.leaveOut(overflow);
  }

  /** Notes why the read is not proven complete. */
  gap(reason: string | null): void {
    if (reason !== null && this.gaps.size < maxListed) this.gaps.add(reason);
  }

  summary(): Pick<ReadProof, 'complete' | 'gaps' | 'users' | 'leftOut' | 'rejected'> {
    return {
      complete: this.gaps.size === 0,
      gaps: [...this.gaps],
      users: this.users,
      leftOut: Object.fromEntries(this.leftOut),
      rejected: this.rejected,
    };
  }
}
