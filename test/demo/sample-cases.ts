import { at, mailed, type SampleCase } from './sample-records.ts';

/** The first sight of every person: what becomes of the match (rules M, C). */
const matchCases: readonly SampleCase[] = [
  {
    what: 'the e-mail is equal',
    rule: 'M1',
    people: [
      {
        account: 'nora.linden',
        firstName: 'Nora',
        lastName: 'Linden',
        title: 'Production Planner',
        office: 'HQ',
        phone: '+1 415 555 0101',
      },
    ],
    contacts: [
      {
        firstName: 'Nora',
        lastName: 'Linden',
        emails: mailed('nora.linden'),
        location: 'Head Office',
        phones: [{ value: '+1 415 555 0101' }],
      },
    ],
    comesOut: { state: 'matched', psa: 'pushed', because: 'M1' },
  },
  {
    what: 'the e-mail is equal but for upper and lower case',
    rule: 'M1',
    people: [{ account: 'ivo.radic', firstName: 'Ivo', lastName: 'Radic', title: 'Buyer', office: 'HQ' }],
    contacts: [{ firstName: 'Ivo', lastName: 'Radic', emails: [{ value: 'IVO.Radic@Larkfield.Example.TEST' }] }],
    comesOut: { state: 'matched', psa: 'pushed', because: 'M1' },
  },
  {
    what: "the e-mail is a contact's second one",
    rule: 'M1',
    people: [{ account: 'mae.osei', firstName: 'Mae', lastName: 'Osei', title: 'Nurse', office: 'HQ' }],
    contacts: [
      {
        firstName: 'Mae',
        lastName: 'Osei',
        emails: [
          { value: 'mae.osei@home.example.test', labelName: 'Home', primary: false },
          { value: at('mae.osei'), primary: true },
        ],
      },
    ],
    comesOut: { state: 'matched', because: 'M1' },
  },
  {
    what: 'only first and last name are equal; the address is added',
    rule: 'M2',
    people: [{ account: 'toby.crane', firstName: 'Toby', lastName: 'Crane', title: 'Driver', office: 'Workshop' }],
    contacts: [{ firstName: 'toby', lastName: 'CRANE', phones: [{ value: '+1 415 555 0102' }] }],
    comesOut: { state: 'matched', psa: 'pushed', because: 'M2' },
  },
  {
    what: 'ß and ss are the same letter',
    rule: 'M2',
    people: [{ account: 'k.strauss', firstName: 'Käthe', lastName: 'Strauß', title: 'Glazier', office: 'Workshop' }],
    contacts: [{ firstName: 'KÄTHE', lastName: 'STRAUSS' }],
    comesOut: { state: 'matched', because: 'M2' },
  },
  {
    what: 'Turkish dotted and dotless i, composed and decomposed',
    rule: 'M2',
    people: [{ account: 'i.yildiz', firstName: 'İnci', lastName: 'Yıldız', title: 'Metrologist', office: 'Workshop' }],
    contacts: [{ firstName: 'İnci'.normalize('NFD'), lastName: 'Yıldız' }],
    comesOut: { state: 'matched', because: 'M2' },
  },
  {
    what: 'accents, composed and decomposed',
    rule: 'M2',
    people: [{ account: 'z.lindqvist', firstName: 'Zoë', lastName: 'Świątek-Ångström', title: 'Chemist', office: 'Workshop' }],
    contacts: [{ firstName: 'Zoë'.normalize('NFD'), lastName: 'Świątek-Ångström'.normalize('NFD') }],
    comesOut: { state: 'matched', because: 'M2' },
  },
  {
    what: 'Japanese names',
    rule: 'M2',
    people: [{ account: 'h.tanaka', firstName: '花子', lastName: '田中', commonName: '田中 花子', title: 'Liaison', office: 'HQ' }],
    contacts: [{ firstName: '花子', lastName: '田中' }],
    comesOut: { state: 'matched', because: 'M2' },
  },
  {
    what: 'a name with comma and quotes in the DN',
    rule: 'C7',
    people: [
      {
        account: 'evie.grey',
        firstName: 'Evelyn',
        lastName: 'Grey',
        commonName: 'Grey, Evelyn "Evie"',
        title: 'Toolmaker',
        office: 'Workshop',
      },
    ],
    contacts: [{ firstName: 'Evelyn', lastName: 'Grey', emails: mailed('evie.grey') }],
    comesOut: { state: 'matched', because: 'M1' },
  },
  {
    what: 'two contacts have the e-mail; a person chooses',
    rule: 'M3, M5',
    people: [{ account: 'pat.morgan', firstName: 'Pat', lastName: 'Morgan', title: 'Warehouse Lead', office: 'Workshop' }],
    contacts: [
      { firstName: 'Pat', lastName: 'Morgan', title: 'Warehouse', emails: mailed('pat.morgan') },
      { firstName: 'Patricia', lastName: 'Morgan', emails: mailed('pat.morgan') },
    ],
    comesOut: { state: 'matched', because: 'hand' },
  },
  {
    what: 'two contacts have the e-mail; nobody chose yet',
    rule: 'M3',
    people: [{ account: 'sam.pike', firstName: 'Sam', lastName: 'Pike', title: 'Apprentice', office: 'Workshop' }],
    contacts: [
      { firstName: 'Sam', lastName: 'Pike', emails: mailed('sam.pike') },
      { firstName: 'Samuel', lastName: 'Pike', emails: mailed('sam.pike') },
    ],
    comesOut: { state: 'unmatched', because: 'M3' },
  },
  {
    what: 'two users have the e-mail of one contact',
    rule: 'M4',
    people: [
      { account: 'front.desk1', firstName: 'Ana', lastName: 'Bright', mail: at('frontdesk'), office: 'HQ' },
      { account: 'front.desk2', firstName: 'Bea', lastName: 'Conti', mail: at('frontdesk'), office: 'HQ' },
    ],
    contacts: [{ firstName: 'Front', lastName: 'Desk', emails: mailed('frontdesk') }],
    comesOut: { state: 'unmatched', because: 'M4' },
  },
  {
    what: 'ignored by hand',
    rule: 'M6',
    people: [{ account: 'test.login', firstName: 'Test', lastName: 'Login', title: 'For testing', office: 'HQ' }],
    comesOut: { state: 'ignored' },
  },
  {
    what: 'an alias is the e-mail of a contact: suggested only',
    rule: 'M10',
    people: [
      {
        account: 'ruth.okafor',
        firstName: 'Ruth',
        lastName: 'Okafor',
        title: 'Buyer',
        office: 'HQ',
        proxyAddresses: [`SMTP:${at('ruth.okafor')}`, `smtp:${at('ruth.bell')}`],
      },
    ],
    contacts: [{ firstName: 'Ruth', lastName: 'Bell', emails: mailed('ruth.bell') }],
    comesOut: { state: 'unmatched' },
  },
  {
    what: 'the userPrincipalName is the e-mail of a contact: suggested only',
    rule: 'M10',
    people: [
      { account: 'thale', firstName: 'Thomas', lastName: 'Hale', mail: at('t.hale'), userPrincipalName: at('thomas.hale'), office: 'HQ' },
    ],
    contacts: [{ firstName: 'Tom', lastName: 'Hale', emails: mailed('thomas.hale') }],
    comesOut: { state: 'unmatched' },
  },
  {
    what: 'last name and initial are equal: suggested only',
    rule: 'M10',
    people: [{ account: 'robert.quill', firstName: 'Robert', lastName: 'Quill', office: 'Workshop' }],
    contacts: [{ firstName: 'Rob', lastName: 'Quill' }],
    comesOut: { state: 'unmatched' },
  },
];

/** What an account's state and kind change (rules C2, C3, E3). */
const accountCases: readonly SampleCase[] = [
  {
    what: 'no mail, no contact: not created',
    rule: 'E3',
    people: [{ account: 'floor.terminal', firstName: 'Floor', lastName: 'Terminal', mail: null, office: 'Workshop' }],
    comesOut: { state: 'unmatched' },
  },
  {
    what: 'no mail, matched by name: nothing to push by, where the PSA asks for an e-mail',
    rule: 'M2, P1',
    people: [{ account: 'wes.tarn', firstName: 'Wes', lastName: 'Tarn', mail: null, office: 'Workshop', phone: '+1 415 555 0103' }],
    contacts: [{ firstName: 'Wes', lastName: 'Tarn' }],
    comesOut: { state: 'matched', psa: 'not-eligible', because: 'email' },
    elsewhere: { psa: 'pushed', because: 'M2' },
  },
  {
    what: 'the primary SMTP address stands in for a missing mail',
    rule: 'C7',
    people: [
      { account: 'ola.brenn', firstName: 'Ola', lastName: 'Brenn', mail: null, proxyAddresses: [`SMTP:${at('ola.brenn')}`], office: 'HQ' },
    ],
    contacts: [{ firstName: 'Ola', lastName: 'Brenn-Lie', emails: mailed('ola.brenn') }],
    comesOut: { state: 'matched', because: 'M1' },
  },
  {
    what: 'disabled with a contact: the contact stays, its AD Status changes',
    rule: 'C3, E8',
    people: [{ account: 'dora.finch', firstName: 'Dora', lastName: 'Finch', status: 'disabled', unit: 'Former Staff', office: 'HQ' }],
    contacts: [
      {
        firstName: 'Dora',
        lastName: 'Finch',
        emails: mailed('dora.finch'),
        linked: { firstName: 'Dora', lastName: 'Finch', email: at('dora.finch') },
      },
    ],
    comesOut: { state: 'matched', psa: 'linked', adStatus: 'Disabled' },
  },
  {
    what: 'disabled without a contact: not created',
    rule: 'E3',
    people: [{ account: 'emil.gast', firstName: 'Emil', lastName: 'Gast', status: 'disabled', unit: 'Former Staff', office: 'HQ' }],
    comesOut: { state: 'unmatched', adStatus: 'Disabled' },
  },
  {
    what: 'the account expired: not created',
    rule: 'C3, E3',
    people: [{ account: 'temp.ines', firstName: 'Ines', lastName: 'Calder', title: 'Temp', status: 'expired', office: 'HQ' }],
    comesOut: { state: 'unmatched', adStatus: 'Expired' },
  },
  {
    what: 'locked out: created all the same',
    rule: 'C3',
    people: [{ account: 'lou.marten', firstName: 'Lou', lastName: 'Marten', title: 'Welder', status: 'locked', office: 'Workshop' }],
    comesOut: { state: 'matched', psa: 'pushed', adStatus: 'Locked' },
  },
  {
    what: 'must change the password at next logon',
    rule: 'C3, C6',
    people: [{ account: 'ming.zhao', firstName: 'Ming', lastName: 'Zhao', title: 'Trainee', status: 'must-change', office: 'HQ' }],
    comesOut: { state: 'matched', psa: 'pushed', adStatus: 'Must change password' },
  },
  {
    what: 'the password expired',
    rule: 'C3, C6',
    people: [{ account: 'percy.wynn', firstName: 'Percy', lastName: 'Wynn', title: 'Porter', status: 'password-expired', office: 'HQ' }],
    comesOut: { state: 'matched', psa: 'pushed', adStatus: 'Password expired' },
  },
  {
    what: 'the password never expires',
    rule: 'C6',
    people: [
      {
        account: 'ceo',
        firstName: 'Margaret',
        lastName: 'Larkfield',
        mail: at('margaret'),
        title: 'Managing Director',
        status: 'never-expires',
        office: 'HQ',
      },
    ],
    contacts: [{ firstName: 'Margaret', lastName: 'Larkfield', emails: mailed('margaret'), important: true, title: 'Managing Director' }],
    comesOut: { state: 'matched', psa: 'pushed', adStatus: 'Enabled' },
  },
  {
    what: 'shared and room mailboxes: not created',
    rule: 'E3',
    onlyInExport: true,
    people: [
      { account: 'orders', firstName: 'Orders', lastName: 'Larkfield', recipientType: '4', status: 'never-expires', unit: 'Rooms' },
      { account: 'room.darkroom', firstName: 'Darkroom', lastName: 'Two', recipientType: '16', status: 'never-expires', unit: 'Rooms' },
    ],
    comesOut: { state: 'unmatched' },
  },
  {
    what: "rollcall's own account: not created",
    rule: 'E3',
    people: [{ account: 'svc-rollcall', commonName: 'svc-rollcall', mail: null, status: 'never-expires', unit: 'Services' }],
    comesOut: { state: 'unmatched' },
  },
  {
    what: 'in a group that is left out, through groups in a circle',
    rule: 'C2',
    people: [
      { account: 'ext.arlo', firstName: 'Arlo', lastName: 'Besser', title: 'Contractor' },
      { account: 'ext.june', firstName: 'June', lastName: 'Faraday', title: 'Contractor' },
    ],
    comesOut: { state: 'left out' },
  },
];

/** What is written and what is left alone (rules E). */
const enrichCases: readonly SampleCase[] = [
  {
    what: 'blank title, phone and location are filled in',
    rule: 'E4, E5, E6',
    people: [
      {
        account: 'lea.brandon',
        firstName: 'Lea',
        lastName: 'Brandon',
        title: 'Lens Grinder',
        phone: '+1 415 555 0104',
        office: 'Workshop',
      },
    ],
    contacts: [{ firstName: 'Lea', lastName: 'Brandon', emails: mailed('lea.brandon') }],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
  {
    what: 'a title that a person wrote stays; the difference is shown',
    rule: 'E4',
    people: [{ account: 'ned.hollis', firstName: 'Ned', lastName: 'Hollis', title: 'Engineer II', office: 'Workshop' }],
    contacts: [{ firstName: 'Ned', lastName: 'Hollis', title: 'Head of Optics', emails: mailed('ned.hollis') }],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
  {
    what: 'an extension is added to the phone that is there already',
    rule: 'E5',
    people: [
      { account: 'gia.moreno', firstName: 'Gia', lastName: 'Moreno', title: 'Receptionist', phone: '+1 415 555 0105 x204', office: 'HQ' },
    ],
    contacts: [{ firstName: 'Gia', lastName: 'Moreno', emails: mailed('gia.moreno'), phones: [{ value: '4155550105' }] }],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
  {
    what: 'two e-mails are marked primary, and `important` is null',
    rule: 'E5, P1',
    people: [{ account: 'hal.ritter', firstName: 'Hal', lastName: 'Ritter', title: 'Machinist', office: 'Workshop' }],
    contacts: [
      {
        firstName: 'Hal',
        lastName: 'Ritter',
        emails: [
          { value: at('hal.ritter'), primary: true },
          { value: at('hal'), primary: true },
        ],
      },
    ],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
  {
    what: 'the office maps to a location by name, through locationMap, or to the collector’s own',
    rule: 'E6',
    people: [
      { account: 'ezra.stone', firstName: 'Ezra', lastName: 'Stone', title: 'Fitter', office: 'Workshop' },
      { account: 'faye.ortiz', firstName: 'Faye', lastName: 'Ortiz', title: 'Clerk', office: 'HQ' },
      { account: 'gus.pohl', firstName: 'Gus', lastName: 'Pohl', title: 'Representative', office: 'Remote' },
    ],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
  {
    what: 'the PSA and IT Glue keep the contact in step: the missing title goes to the PSA',
    rule: 'E9',
    people: [{ account: 'kim.dale', firstName: 'Kim', lastName: 'Dale', title: 'Service Planner', office: 'HQ' }],
    contacts: [
      {
        firstName: 'Kim',
        lastName: 'Dale',
        emails: mailed('kim.dale'),
        location: 'Head Office',
        linked: { firstName: 'Kim', lastName: 'Dale', email: at('kim.dale') },
      },
    ],
    comesOut: { state: 'matched', psa: 'linked' },
  },
  {
    what: 'another integration syncs the contact: nothing is written to it',
    rule: 'E9',
    people: [{ account: 'abe.winter', firstName: 'Abe', lastName: 'Winter', title: 'Analyst', office: 'HQ' }],
    contacts: [{ firstName: 'Abe', lastName: 'Winter', emails: mailed('abe.winter'), location: 'Head Office', syncedBy: 'Microsoft' }],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
  {
    what: 'the contact refuses updates (422), though it shows no integration',
    rule: 'E9',
    people: [{ account: 'cleo.hart', firstName: 'Cleo', lastName: 'Hart', title: 'Archivist', office: 'HQ' }],
    contacts: [{ firstName: 'Cleo', lastName: 'Hart', emails: mailed('cleo.hart'), location: 'Head Office', syncedBy: 'Directory Bridge' }],
    comesOut: { state: 'matched' },
  },
];

/** What becomes of contacts in the PSA (rules P). */
const psaCases: readonly SampleCase[] = [
  {
    what: 'linked already: never pushed as new',
    rule: 'P3',
    people: [{ account: 'vic.santos', firstName: 'Vic', lastName: 'Santos', title: 'Foreman', office: 'Workshop' }],
    contacts: [
      {
        firstName: 'Vic',
        lastName: 'Santos',
        emails: mailed('vic.santos'),
        location: 'Workshop',
        linked: { firstName: 'Victor', lastName: 'Santos', email: 'v.santos@old.example.test' },
      },
    ],
    comesOut: { state: 'matched', psa: 'linked' },
  },
  {
    what: 'the PSA has the same e-mail and name: linked, the title there filled in',
    rule: 'P8',
    people: [{ account: 'dee.rowan', firstName: 'Dee', lastName: 'Rowan', title: 'Scheduler', office: 'HQ' }],
    psa: [{ firstName: 'Dee', lastName: 'Rowan', email: at('dee.rowan') }],
    comesOut: { state: 'matched', psa: 'linked' },
  },
  {
    what: 'the PSA has the same e-mail under another name: held',
    rule: 'P8',
    people: [{ account: 'max.feld', firstName: 'Max', lastName: 'Feld', title: 'Courier', office: 'HQ' }],
    contacts: [{ firstName: 'Max', lastName: 'Feld', emails: mailed('max.feld') }],
    psa: [{ firstName: 'Dispatch', lastName: 'Office', email: at('max.feld') }],
    comesOut: { state: 'matched', psa: 'held', because: 'another name' },
  },
  {
    what: 'the PSA has the same name with another e-mail: held',
    rule: 'P8',
    people: [{ account: 'joan.abel', firstName: 'Joan', lastName: 'Abel', title: 'Clerk', office: 'HQ' }],
    psa: [{ firstName: 'Joan', lastName: 'Abel', email: 'joan.abel@private.example.test' }],
    comesOut: { state: 'matched', psa: 'held', because: 'its name but not its e-mail' },
  },
  {
    what: 'the twin in the PSA is inactive: held, never reactivated',
    rule: 'P8',
    people: [{ account: 'bo.larsen', firstName: 'Bo', lastName: 'Larsen', title: 'Painter', office: 'Workshop' }],
    contacts: [{ firstName: 'Bo', lastName: 'Larsen', emails: mailed('bo.larsen') }],
    psa: [{ firstName: 'Bo', lastName: 'Larsen', email: at('bo.larsen'), active: false }],
    comesOut: { state: 'matched', psa: 'held', because: 'inactive' },
  },
  {
    what: 'two contacts in the PSA have the e-mail: held',
    rule: 'P8',
    people: [{ account: 'uma.reyes', firstName: 'Uma', lastName: 'Reyes', title: 'Planner', office: 'HQ' }],
    psa: [
      { firstName: 'Uma', lastName: 'Reyes', email: at('uma.reyes') },
      { firstName: 'Uma', lastName: 'Reyes-Lund', email: at('uma.reyes') },
    ],
    comesOut: { state: 'matched', psa: 'held', because: '2 contacts' },
  },
  {
    what: 'the twin in the PSA is linked to another IT Glue contact: held',
    rule: 'P8',
    people: [{ account: 'ray.tolman', firstName: 'Ray', lastName: 'Tolman', title: 'Packer', office: 'Workshop' }],
    contacts: [
      { firstName: 'Ray', lastName: 'Tolman', emails: mailed('ray.tolman') },
      { firstName: 'Packing', lastName: 'Room', linked: { firstName: 'Ray', lastName: 'Tolman', email: at('ray.tolman') } },
    ],
    comesOut: { state: 'matched', psa: 'held', because: 'linked to another' },
  },
  {
    what: 'a location that the PSA lacks: not eligible where it asks for one, else held with those that it has',
    rule: 'P1',
    people: [
      { account: 'ivy.lang', firstName: 'Ivy', lastName: 'Lang', title: 'Calibrator', office: 'Calibration Lab', phone: '+1 415 555 0106' },
      { account: 'jed.moss', firstName: 'Jed', lastName: 'Moss', title: 'Calibrator', office: 'Calibration Lab', phone: '+1 415 555 0107' },
    ],
    comesOut: { state: 'matched', psa: 'not-eligible', because: 'location' },
    elsewhere: { psa: 'held', because: 'no location like "Calibration Lab"' },
  },
  {
    what: 'no first name: not eligible',
    rule: 'P1',
    people: [{ account: 'reception', lastName: 'Reception', title: 'Desk', office: 'HQ' }],
    contacts: [{ lastName: 'Reception', emails: mailed('reception') }],
    comesOut: { state: 'matched', psa: 'not-eligible', because: 'firstName' },
  },
  {
    what: 'no phone: pushed, with the placeholder where the PSA asks for one',
    rule: 'P2',
    people: [{ account: 'sid.vane', firstName: 'Sid', lastName: 'Vane', title: 'Gardener', office: 'HQ' }],
    comesOut: { state: 'matched', psa: 'pushed' },
  },
];

/** Every case: what it is, the rule that it shows, and who shows it. */
export const sampleCases: readonly SampleCase[] = [...matchCases, ...accountCases, ...enrichCases, ...psaCases];
