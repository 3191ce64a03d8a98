import { canonicalDn } from '../../../core/active-directory/distinguished-name.ts';
import type { LdifRecord } from './ldif-record.ts';

/** Who is in which group, from the groups' member lists and the members' own memberOf; nested groups and primary groups too. */
export class GroupGraph {
  /** Member → the groups that name it. */
  private readonly groupsOf = new Map<string, Set<string>>();
  /** The number at the end of a group's SID → the group. */
  private readonly byNumber = new Map<string, string>();
  private readonly known = new Set<string>();
  private readonly closures = new Map<string, ReadonlySet<string>>();

  /** Takes in a record of any kind. */
  add(record: LdifRecord): void {
    const dn = canonicalDn(record.dn);
    if (dn === null) return;
    for (const member of textsOf(record, 'member')) this.link(canonicalDn(member), dn);
    for (const group of textsOf(record, 'memberof')) this.link(dn, canonicalDn(group));
    if (!isGroup(record)) return;
    this.known.add(dn);
    const sid = record.attributes.get('objectsid')?.[0];
    if (sid instanceof Buffer && sid.length === 28 && sid[1] === 5) this.byNumber.set(String(sid.readUInt32LE(24)), dn);
  }

  /** Tells whether the file knows the group, by its record or by a member's word. */
  has(group: string): boolean {
    const dn = canonicalDn(group);
    return dn !== null && this.known.has(dn);
  }

  /** Tells whether a record is a member of a group; `nested`: through other groups too. */
  isMember(record: LdifRecord, group: string, nested: boolean): boolean {
    const dn = canonicalDn(record.dn);
    const target = canonicalDn(group);
    if (dn === null || target === null) return false;
    const direct = [...(this.groupsOf.get(dn) ?? [])];
    const primary = this.byNumber.get(textsOf(record, 'primarygroupid')[0] ?? '');
    if (!nested) return direct.includes(target);
    const within = this.within(target);
    return direct.some((one) => within.has(one)) || (primary !== undefined && within.has(primary));
  }

  /** Tells whether a record is the group, or a group within it. */
  isWithin(record: LdifRecord, group: string): boolean {
    const dn = canonicalDn(record.dn);
    const target = canonicalDn(group);
    return dn !== null && target !== null && this.within(target).has(dn);
  }

  /** A group and all groups below it; circles end by themselves. */
  private within(group: string): ReadonlySet<string> {
    const cached = this.closures.get(group);
    if (cached !== undefined) return cached;
    const found = new Set([group]);
    let grew = true;
    while (grew) {
      grew = false;
      for (const candidate of this.known) {
        if (found.has(candidate)) continue;
        for (const parent of this.groupsOf.get(candidate) ?? []) {
          if (!found.has(parent)) continue;
          found.add(candidate);
          grew = true;
          break;
        }
      }
    }
    this.closures.set(group, found);
    return found;
  }

  private link(member: string | null, group: string | null): void {
    if (member === null || group === null) return;
    this.known.add(group);
    const groups = this.groupsOf.get(member);
    if (groups === undefined) this.groupsOf.set(member, new Set([group]));
    else groups.add(group);
  }
}

function isGroup(record: LdifRecord): boolean {
  return record.attributes.has('member') || textsOf(record, 'objectclass').some((name) => name.toLowerCase() === 'group');
}

function textsOf(record: LdifRecord, attribute: string): readonly string[] {
  return (record.attributes.get(attribute) ?? []).filter((value) => typeof value === 'string');
}
