import { describeKilledFirstSync } from './kill/describe-killed-first-sync.ts';

describeKilledFirstSync('autotask', { total: 11 });
