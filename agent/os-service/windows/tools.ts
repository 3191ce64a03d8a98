import { win32 } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import type { RunTool, ToolEnd } from '../run-tool.ts';

/** ERROR_ACCESS_DENIED, as sc.exe gives it back. */
const accessDenied = 5;

/** Programs of Windows, by their full path: none of the same name in another folder is run. */
export interface WindowsTools {
  run(program: string, ...words: readonly string[]): Promise<ToolEnd>;
  /** The same for a program that is none of Windows' own, by its path. */
  runFile(file: string, ...words: readonly string[]): Promise<ToolEnd>;
  /** Throws `OS_SERVICE_RIGHTS` or `OS_SERVICE_FAILED` when it does not succeed. */
  must(program: string, ...words: readonly string[]): Promise<ToolEnd>;
  /** A value of the registry as text; `null`: there is none. */
  readValue(key: string, name: string): Promise<string | null>;
}

export function createWindowsTools(runTool: RunTool, environment: Readonly<Record<string, string | undefined>>): WindowsTools {
  const system = win32.join(environment['SystemRoot'] ?? String.raw`C:\Windows`, 'System32');
  const run = (program: string, ...words: readonly string[]): Promise<ToolEnd> => runTool(win32.join(system, program), words);
  return {
    run,
    runFile: (file, ...words) => runTool(file, words),
    async must(program, ...words) {
      const ended = await run(program, ...words);
      if (ended.exit === 0) return ended;
      // sc.exe and reg.exe tell their errors on standard output.
      const said = `${ended.stderr}\n${ended.stdout}`.trim().replaceAll(/\s+/g, ' ');
      if (ended.exit === accessDenied || /\b(?:Access is denied|FAILED 5)\b/.test(said)) {
        throw new RollcallError('OS_SERVICE_RIGHTS', 'Only an administrator may change the services of this machine.');
      }
      throw new RollcallError('OS_SERVICE_FAILED', `"${program} ${words[0] ?? ''}" failed: ${said === '' ? `exit ${ended.exit}` : said}`, {
        place: { program, exit: ended.exit },
      });
    },
    async readValue(key, name) {
      const { exit, stdout } = await run('reg.exe', 'query', key, '/v', name);
      return exit === 0 ? (/\bREG_\w+\s+(.*?)\s*$/m.exec(stdout)?.[1] ?? null) : null;
    },
  };
}
