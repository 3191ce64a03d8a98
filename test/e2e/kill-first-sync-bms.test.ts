import { describeKilledFirstSync } from './kill/describe-killed-first-sync.ts';

// A create is two calls; the second says the same however often it is sent, and three of them are.
describeKilledFirstSync('bms', { total: 16, again: 3 });
