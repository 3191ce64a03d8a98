import type { LdifPerson } from '../ldif-people.ts';
import type { SitePsaType } from '../psa/site-psa.ts';
import { type Edit, emailOf, phoneOf, type View } from './pair.ts';

/** Who changed what between two syncs, and what both sides have afterwards. */
export interface Case {
  readonly name: string;
  /** Made and brought into step before the case begins. */
  readonly before?: { readonly itGlue?: Edit; readonly psa?: Edit };
  readonly itGlue?: Edit;
  readonly psa?: Edit;
  /** Takes a sync; a look reads no directory. */
  readonly ad?: Partial<LdifPerson>;
  /** Of both sides, where it is not as it was. */
  readonly both: Partial<View>;
  /** Values of IT Glue that gave way, by field in the journal's words: it must have both. */
  readonly gaveWay?: Readonly<Record<string, string>>;
  /** It is no change: nothing may be written. */
  readonly nothing?: true;
  /** Not of PSAs without such a thing. */
  readonly not?: readonly SitePsaType[];
}

/** One person for each: `i` is the person's number. */
export function casesOf(i: number): readonly Case[] {
  const email = emailOf(i);
  const phone = phoneOf(i);
  const other = (name: string): string => `${name}${i}@acme.test`;
  /** As IT Glue keeps it, as a person types it into a PSA, and as `View` shows it. */
  const second = { itGlue: `1628555${2000 + i}`, psa: `(628) 555-${2000 + i}`, shown: `628555${2000 + i}` };
  const third = { psa: `510.555.${2000 + i}`, shown: `510555${2000 + i}` };
  return [
    // One side
    { name: 'first name, in IT Glue', itGlue: { firstName: 'Ada' }, both: { firstName: 'Ada' } },
    { name: 'first name, in the PSA', psa: { firstName: 'Ada' }, both: { firstName: 'Ada' } },
    { name: 'last name, in IT Glue', itGlue: { lastName: 'Brand' }, both: { lastName: 'Brand' } },
    { name: 'last name, in the PSA', psa: { lastName: 'Brand' }, both: { lastName: 'Brand' } },
    { name: 'title, in IT Glue', itGlue: { title: 'Boss' }, both: { title: 'Boss' } },
    { name: 'title, in the PSA', psa: { title: 'Boss' }, both: { title: 'Boss' } },
    { name: 'title cleared in IT Glue', itGlue: { title: null }, both: { title: null } },
    { name: 'title cleared in the PSA', psa: { title: null }, both: { title: null } },
    { name: 'e-mail added in IT Glue', itGlue: { emails: [email, other('x')] }, both: { emails: [email, other('x')] } },
    { name: 'e-mail added in the PSA', psa: { emails: [email, other('x')] }, both: { emails: [email, other('x')] } },
    {
      name: 'e-mail removed in IT Glue',
      before: { itGlue: { emails: [email, other('x')] } },
      itGlue: { emails: [email] },
      both: { emails: [email] },
    },
    {
      name: 'e-mail removed in the PSA',
      before: { psa: { emails: [email, other('x')] } },
      psa: { emails: [email] },
      both: { emails: [email] },
    },
    { name: 'e-mail replaced in IT Glue', itGlue: { emails: [other('x')] }, both: { emails: [other('x')] } },
    { name: 'e-mail replaced in the PSA', psa: { emails: [other('x')] }, both: { emails: [other('x')] } },
    {
      name: 'phone with an extension added in IT Glue',
      itGlue: { phones: [phone, `${second.itGlue} x12`] },
      both: { phones: [phone, `${second.shown} x12`] },
    },
    {
      name: 'phone with an extension added in the PSA',
      psa: { phones: [phone, `${second.psa} x12`] },
      both: { phones: [phone, `${second.shown} x12`] },
    },
    { name: 'phone replaced in IT Glue', itGlue: { phones: [second.itGlue] }, both: { phones: [second.shown] } },
    { name: 'phone replaced in the PSA', psa: { phones: [second.psa] }, both: { phones: [second.shown] } },
    { name: 'phone removed in IT Glue', itGlue: { phones: [] }, both: { phones: [] } },
    { name: 'phone removed in the PSA', psa: { phones: [] }, both: { phones: [] } },
    { name: 'extension given in IT Glue', itGlue: { phones: [`1${phone} x7`] }, both: { phones: [`${phone} x7`] } },
    { name: 'extension given in the PSA', psa: { phones: [`${phone} x7`] }, both: { phones: [`${phone} x7`] } },
    { name: 'location, in IT Glue', itGlue: { location: 'Depot' }, both: { location: 'Depot' } },
    { name: 'location, in the PSA', psa: { location: 'Depot' }, both: { location: 'Depot' } },

    // Both sides
    {
      name: 'title in IT Glue, last name in the PSA: both go over',
      itGlue: { title: 'Boss' },
      psa: { lastName: 'Brand' },
      both: { title: 'Boss', lastName: 'Brand' },
    },
    {
      name: 'e-mail in the PSA, title and phone in IT Glue: all go over',
      itGlue: { title: 'Boss', phones: [`1${phone}`, second.itGlue] },
      psa: { emails: [email, other('x')] },
      both: { title: 'Boss', phones: [phone, second.shown], emails: [email, other('x')] },
    },
    { name: 'the same title on both sides', itGlue: { title: 'Boss' }, psa: { title: 'Boss' }, both: { title: 'Boss' }, nothing: true },
    {
      name: 'first name on both sides: the PSA wins',
      itGlue: { firstName: 'Ada' },
      psa: { firstName: 'Ida' },
      both: { firstName: 'Ida' },
      gaveWay: { firstName: 'Ada' },
    },
    {
      name: 'last name on both sides: the PSA wins',
      itGlue: { lastName: 'Brand' },
      psa: { lastName: 'Brandt' },
      both: { lastName: 'Brandt' },
      gaveWay: { lastName: 'Brand' },
    },
    {
      name: 'title on both sides: the PSA wins',
      itGlue: { title: 'Boss' },
      psa: { title: 'Chief' },
      both: { title: 'Chief' },
      gaveWay: { title: 'Boss' },
    },
    {
      name: 'title in IT Glue, cleared in the PSA: the PSA wins',
      itGlue: { title: 'Boss' },
      psa: { title: null },
      both: { title: null },
      gaveWay: { title: 'Boss' },
    },
    {
      name: 'another e-mail added on each side: both stay',
      itGlue: { emails: [email, other('x')] },
      psa: { emails: [email, other('y')] },
      both: { emails: [email, other('x'), other('y')] },
    },
    {
      name: 'the same e-mail replaced on each side: the PSA wins',
      itGlue: { emails: [other('x')] },
      psa: { emails: [other('y')] },
      both: { emails: [other('y')] },
      gaveWay: { email: other('x') },
    },
    {
      name: 'another phone added on each side: both stay',
      itGlue: { phones: [`1${phone}`, second.itGlue] },
      psa: { phones: [phone, third.psa] },
      both: { phones: [phone, third.shown, second.shown] },
    },
    {
      name: 'the same phone replaced on each side: the PSA wins',
      itGlue: { phones: [second.itGlue] },
      psa: { phones: [third.psa] },
      both: { phones: [third.shown] },
      gaveWay: { phone: second.shown },
    },
    {
      name: 'location on both sides: the PSA wins',
      itGlue: { location: 'Depot' },
      psa: { location: 'Annex' },
      both: { location: 'Annex' },
      gaveWay: { location: 'Depot' },
    },

    // The directory too: the order is PSA, person, AD
    { name: 'title, in AD', ad: { title: 'Master Fitter' }, both: { title: 'Master Fitter' } },
    { name: 'last name, in AD', ad: { sn: 'Newly' }, both: { lastName: 'Newly' } },
    { name: 'e-mail, in AD', ad: { mail: other('ad') }, both: { emails: [other('ad')] } },
    { name: 'phone, in AD', ad: { telephoneNumber: `+1 ${second.shown}` }, both: { phones: [second.shown] } },
    {
      name: 'title in AD, last name in the PSA: both go over',
      ad: { title: 'Master' },
      psa: { lastName: 'Brand' },
      both: { title: 'Master', lastName: 'Brand' },
    },
    { name: 'title in AD and in IT Glue: the person wins', ad: { title: 'Master' }, itGlue: { title: 'Boss' }, both: { title: 'Boss' } },
    { name: 'title in AD and in the PSA: the PSA wins', ad: { title: 'Master' }, psa: { title: 'Chief' }, both: { title: 'Chief' } },
    {
      name: 'title in all three: the PSA wins',
      ad: { title: 'Master' },
      itGlue: { title: 'Boss' },
      psa: { title: 'Chief' },
      both: { title: 'Chief' },
      gaveWay: { title: 'Boss' },
    },

    // No change
    {
      name: 'separators of a phone, in the PSA',
      psa: { phones: [`(${phone.slice(0, 3)}) ${phone.slice(3, 6)}-${phone.slice(6)}`] },
      both: {},
      nothing: true,
    },
    { name: 'a phone without its country, in IT Glue', itGlue: { phones: [phone] }, both: {}, nothing: true },
    { name: 'case of an e-mail, in the PSA', psa: { emails: [email.toUpperCase()] }, both: {}, nothing: true },
    { name: 'case of an e-mail, in IT Glue', itGlue: { emails: [email.toUpperCase()] }, both: {}, nothing: true },
    {
      name: 'the placeholder for no phone, in the PSA',
      psa: { phones: [phone, '000-000-0000'] },
      both: {},
      nothing: true,
      not: ['connectwise', 'autotask'],
    },
  ];
}
