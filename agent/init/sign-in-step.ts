import { formatCount, plural } from '../cli/terminal/format.ts';
import type { DirectorySurvey } from '../directory/active-directory/survey.ts';
import { createPhoneParser } from '../directory/parse-phone.ts';
import { reveal } from '../secrets/redacted.ts';
import type { SecretAnswer, TrustChoice } from './answers.ts';
import type { Dialogue } from './dialogue.ts';
import { givenSecret, type InitContext, isCode, missing, mostTries, tryAgain, typedSecret } from './init-context.ts';
import { fingerprintLines, plainTls, type TrustedServers, tlsTrustOf } from './trust-step.ts';

export interface SignedIn {
  readonly bindUser: string;
  readonly password: SecretAnswer;
  readonly survey: DirectorySurvey;
}

export interface SignInPlace {
  readonly directory: string;
  readonly domain: string;
  readonly searchBases: readonly string[];
}

const deadlines = { connectMs: 5_000, handshakeMs: 8_000, requestMs: 60_000, idleMs: 50_000, readMs: 120_000 } as const;

/** Signs in with user name and password as soon as both are there; a refused pair is asked for again, never often enough to lock. */
export async function signIn(context: InitContext, place: SignInPlace, trusted: TrustedServers): Promise<SignedIn> {
  const { given, dialogue } = context;
  const refused = new Map<string, number>();
  let known = given.bindUser;
  let fromSource = given.bindPassword;
  let suggested = '';
  let kept: SecretAnswer | null = null;
  for (;;) {
    const bindUser = fullUserName(known ?? (await askUser(context, place, suggested)), place.domain);
    const tries = refused.get(bindUser.toLowerCase()) ?? 0;
    if (tries >= mostTries) {
      dialogue.warn(
        `${bindUser} was refused ${mostTries} times; once more could lock the account. Look at it in the domain, or use another one.`,
      );
      known = undefined;
      continue;
    }
    if (tries === mostTries - 1 && kept === null) warnOfLast(dialogue);
    const password: SecretAnswer =
      kept ??
      (fromSource === undefined
        ? await askPassword(context, bindUser)
        : await givenSecret(context, fromSource, { option: '--bind-password-from', name: 'bindPassword' }));
    kept = null;
    try {
      const survey = await surveyed(context, { ...place, bindUser, password }, trusted);
      return { bindUser, password, survey };
    } catch (error) {
      if (!isCode(error, 'DIRECTORY_BIND_REJECTED') || !dialogue.attended) {
        // The same password again, when only the network was in the way.
        await tryAgain(context, error);
        known = bindUser;
        kept = password;
        continue;
      }
      dialogue.objection(error);
      refused.set(bindUser.toLowerCase(), tries + 1);
      if (tries + 2 === mostTries) warnOfLast(dialogue);
      kept = tries + 1 < mostTries ? await askAgain(context, bindUser) : null;
      known = kept === null ? undefined : bindUser;
      fromSource = undefined;
      suggested = bindUser;
    }
  }
}

async function surveyed(
  context: InitContext,
  { directory, domain, searchBases, bindUser, password }: SignInPlace & { readonly bindUser: string; readonly password: SecretAnswer },
  { trust, servers }: TrustedServers,
): Promise<DirectorySurvey> {
  const { dialogue, edges, signal } = context;

  return dialogue.work(
    `Signing in as ${bindUser}`,
    (update) =>
      edges.surveyDirectory(
        {
          name: directory,
          domain,
          servers,
          bindDn: bindUser,
          password: reveal(password.value),
          searchBases,
          filter: '',
          excludeOus: [],
          includeGroups: [],
          excludeGroups: [],
          tls: plainTls,
          trust: tlsTrustOf(trust),
          deadlines,
          parsePhone: createPhoneParser('US'),
          signal,
        },
        (count) => update(`Signed in; ${formatCount(count)} users so far`),
      ),
    ({ check, users }) => {
      const state = check.facts['users'] ?? '';
      const seen = state === 'readable' ? `${plural(users, 'user')} visible` : `users: ${state}`;
      return `Signed in as ${bindUser}; ${seen}`;
    },
  );
}

/** Once signed in, the CA that signed a confirmed certificate is better than the certificate: it outlives renewals. */
export async function preferPublishedCa(context: InitContext, trusted: TrustedServers, survey: DirectorySurvey): Promise<TrustChoice> {
  const { given, dialogue } = context;
  const ca = survey.publishedCa;
  if (trusted.trust.kind !== 'pin' || ca === null || given.pin) return trusted.trust;
  if (dialogue.attended) {
    dialogue.note('The domain publishes the CA that signed this certificate', [ca.subject, ...fingerprintLines(ca.sha256)]);
    const yes = await dialogue.confirm('Trust that CA, so that a renewed certificate is no interruption?', true);
    if (!yes) return trusted.trust;
  } else {
    dialogue.say(`Trusting the CA that the domain publishes and that signed the certificate: ${ca.subject}, SHA-256 ${ca.sha256}`);
  }
  return { kind: 'ca', pem: ca.pem, sha256: ca.sha256, subject: ca.subject };
}

function askUser({ dialogue }: InitContext, { domain }: SignInPlace, suggested: string): Promise<string> {
  if (!dialogue.attended) throw missing('--bind-user', 'the account to read with');
  return dialogue.text({
    message: `Account to read with${domain === '' ? '' : ` (svc-rollcall@${domain}, or just its name)`}`,
    initial: suggested,
    problem: (text) => (text === '' ? 'An ordinary domain user is enough; it needs no group.' : null),
  });
}

function warnOfLast(dialogue: Dialogue): void {
  dialogue.warn('The next password is the last that is tried for this user: one more could lock the account.');
}

/** Whoever mistyped a password types it again at once, and would show it if asked for the name here. */
async function askAgain({ dialogue, redactor }: InitContext, bindUser: string): Promise<SecretAnswer | null> {
  const value = await dialogue.secret(`Password of ${bindUser} again (nothing: another account)`, { mayBeEmpty: true });
  if (reveal(value) === '') return null;
  redactor.register(value);
  return { value, reference: null };
}

function askPassword(context: InitContext, bindUser: string): Promise<SecretAnswer> {
  if (!context.dialogue.attended) throw missing('--bind-password-from', 'the password of the account');
  return typedSecret(context, `Password of ${bindUser}`);
}

/** A bare name signs in with the domain behind it: Active Directory knows everybody by `sAMAccountName@DOMAIN`. */
function fullUserName(text: string, domain: string): string {
  const name = text.trim();
  return /[@\\=]/.test(name) || domain === '' ? name : `${name}@${domain}`;
}
