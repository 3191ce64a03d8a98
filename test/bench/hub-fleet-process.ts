import { readFileSync, writeFileSync } from 'node:fs';

const ticksASecond = 100;

/** What a process and its children have used so far. */
export interface Usage {
  /** Of all threads, and of children that have ended, in seconds. */
  readonly cpu: number;
  /** The most that it, and each of its children that still are, was resident since peaks were forgotten, in MiB. */
  readonly peaksMiB: readonly number[];
}

/** Linux only. */
export function usageOf(pid: number): Usage {
  let cpu = 0;
  const peaksMiB: number[] = [];
  for (const each of treeOf(pid)) {
    const fields = read(`/proc/${each}/stat`).split(') ')[1]?.split(' ') ?? [];
    cpu += [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0) / ticksASecond;
    peaksMiB.push(Math.round(Number(/VmHWM:\s+(\d+)/u.exec(read(`/proc/${each}/status`))?.[1] ?? 0) / 1024));
  }
  return { cpu, peaksMiB };
}

/** From now on peaks of the process and its children are counted anew. */
export function forgetPeaks(pid: number): void {
  for (const each of treeOf(pid)) {
    try {
      writeFileSync(`/proc/${each}/clear_refs`, '5');
    } catch {
      // It has ended, or the kernel has no such thing: the peak is that of its whole life then.
    }
  }
}

function treeOf(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => treeOf(Number(child))))];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
