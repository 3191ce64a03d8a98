import { describeEachCallOfALook } from './each-call-of-a-look.ts';

describeEachCallOfALook('connectwise', ['psa']);
