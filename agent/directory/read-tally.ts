import type { ReadProof } from '../../core/ports/directory-source.ts';

const maxListed = 100;
const overflow = 'reported, beyond those that are listed';

/** Counts what a read leaves out, and lists what it could not use; bounded, whatever a directory sends. */
export class ReadTally {
  private readonly leftOut = new Map<string, number>();
  private readonly rejected: { readonly dn: string; readonly reason: string }[] = [];
  private readonly gaps = new Set<string>();
  users = 0;

  leaveOut(reason: string): void {
    this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + 1);
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
