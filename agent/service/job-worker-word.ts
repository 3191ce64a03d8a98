/** The first word by which the executable is told to be the process of the jobs. No command has such a name. */
export const jobWorkerWord = '--job-worker';
