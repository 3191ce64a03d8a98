import { describeKilledWork } from './kill/describe-killed-work.ts';
import { killedLook, killedSync } from './kill/killed-two-way.ts';

describeKilledWork(killedSync('autotask', { total: 4 }));
describeKilledWork(killedLook('autotask', { total: 4 }));
