import { describeTwoWayRules } from './two-way/describe-rules.ts';

describeTwoWayRules('bms');
