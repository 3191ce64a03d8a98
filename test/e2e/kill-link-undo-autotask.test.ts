import { describeKilledWork } from './kill/describe-killed-work.ts';
import { killedLink } from './kill/killed-link.ts';
import { killedUndo } from './kill/killed-undo.ts';

describeKilledWork(killedLink('autotask', { total: 5 }));
describeKilledWork(killedUndo('autotask', { total: 2 }));
