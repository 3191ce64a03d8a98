import { describeWhoWins } from './two-way/describe-who-wins.ts';

describeWhoWins('autotask');
