import { describeKilledFirstSync } from './kill/describe-killed-first-sync.ts';

describeKilledFirstSync('connectwise', { total: 11 });
