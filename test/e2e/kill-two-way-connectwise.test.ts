import { describeKilledWork } from './kill/describe-killed-work.ts';
import { killedLook, killedSync } from './kill/killed-two-way.ts';

describeKilledWork(killedSync('connectwise', { total: 4 }));
describeKilledWork(killedLook('connectwise', { total: 4 }));
