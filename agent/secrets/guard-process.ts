/**
 * Closes the ways by which Node would show the process's memory to others: a diagnostic report has neither the environment nor
 * the message of a crash in it, even where somebody switched reports on, and SIGUSR1 opens no debugger port, which any account of
 * the machine could use.
 */
export function guardProcess(): void {
  process.report.excludeEnv = true;
  process.report.reportOnUncaughtException = false;
  process.on('SIGUSR1', () => undefined);
}
