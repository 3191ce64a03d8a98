import { RollcallError } from '../../../core/errors.ts';
import { type RunTool, runTool, type ToolEnd } from '../run-tool.ts';

/** The system as the adapter sees it; tests hand in another one. */
export interface SystemdHost {
  readonly run: RunTool;
  /** Of the account that runs this; 0 is root. */
  readonly uid: number;
  /** Put before every absolute path that is read or written; empty on a real system. */
  readonly root: string;
}

export function realHost(): SystemdHost {
  return { run: runTool, uid: process.geteuid?.() ?? -1, root: '' };
}

/** Runs a program that has to succeed. Throws `OS_SERVICE_FAILED` with what it said. */
export async function must(host: SystemdHost, program: string, ...words: readonly string[]): Promise<ToolEnd> {
  const ended = await host.run(program, words);
  if (ended.exit === 0) return ended;
  const said = ended.stderr.trim().split('\n').at(-1) ?? '';
  throw new RollcallError('OS_SERVICE_FAILED', `"${program} ${words.join(' ')}" failed: ${said === '' ? `exit ${ended.exit}` : said}`, {
    place: { program, exit: ended.exit },
  });
}
