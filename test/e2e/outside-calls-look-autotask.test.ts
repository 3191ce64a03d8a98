import { describeEachCallOfALook } from './each-call-of-a-look.ts';

// IT Glue's own calls are the same with every PSA.
describeEachCallOfALook('autotask', ['psa', 'itGlue']);
