import { describeTwoWayFaults } from './two-way/describe-faults.ts';

describeTwoWayFaults('connectwise');
