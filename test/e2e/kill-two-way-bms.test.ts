import { describeKilledWork } from './kill/describe-killed-work.ts';
import { killedLook, killedSync } from './kill/killed-two-way.ts';

describeKilledWork(killedSync('bms', { total: 5 }));
describeKilledWork(killedLook('bms', { total: 5 }));
