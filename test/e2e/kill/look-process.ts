// One look of two-way sync as a process of its own: node look-process.ts CONFIG STATE. Prints its outcome.
import process from 'node:process';
import { lookInProcess } from '../in-process.ts';

const [config = '', state = ''] = process.argv.slice(2);
const outcome = await lookInProcess({ config, state }, process.env, new AbortController().signal);
process.stdout.write(JSON.stringify(outcome));
process.exitCode = outcome.error === null ? 0 : 1;
