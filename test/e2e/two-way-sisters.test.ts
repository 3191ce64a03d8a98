import { describeWhoWins } from './two-way/describe-who-wins.ts';

/** Vorex and Pulseway PSA are BMS under other names: a line of each kind shows that nothing goes by the name. */
const some: ReadonlySet<string> = new Set([
  'first name, in IT Glue',
  'title, in the PSA',
  'e-mail added in the PSA',
  'phone replaced in IT Glue',
  'location on both sides: the PSA wins',
  'title in all three: the PSA wins',
  'the placeholder for no phone, in the PSA',
]);

describeWhoWins('vorex', (name) => some.has(name));
describeWhoWins('pulseway', (name) => some.has(name));
