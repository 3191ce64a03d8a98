import { type ConfigProblem, problemInWords, valueAt } from './problems.ts';
import { configSchema } from './schema.ts';

/** E-mail needs a server, a sender and receivers; user name and password go together. */
export function checkNotify(raw: unknown): readonly ConfigProblem[] {
  const parsed = configSchema.shape.notify.safeParse(valueAt(raw, ['notify']));
  if (!parsed.success) {
    return [];
  }
  const { email, smtp } = parsed.data;
  const problems: ConfigProblem[] = [];
  const missing = (path: readonly string[], expected: string, message: string): void => {
    problems.push(problemInWords(['notify', ...path], expected, 'nothing', message));
  };
  const usesSmtp = Object.values(smtp).some((value) => value !== '');
  if (smtp.server === '' && (email !== '' || usesSmtp)) {
    missing(['smtp', 'server'], 'smtps://HOST:465 or smtp://HOST:587', 'is needed to send mail (smtps://HOST:465 or smtp://HOST:587)');
  }
  if (email === '' && usesSmtp) {
    missing(['email'], 'addresses to write to', 'is needed with "notify.smtp": the addresses to write to, separated by commas');
  }
  if ((smtp.userName === '') !== (smtp.password === '')) {
    const name = smtp.userName === '' ? 'userName' : 'password';
    missing(['smtp', name], '"userName" and "password", both or neither', '"userName" and "password" go together: give both, or neither');
  }
  if (email !== '' && smtp.from === '' && !smtp.userName.includes('@')) {
    missing(['smtp', 'from'], "the sender's address", 'is needed to send mail: the address that messages come from');
  }
  return problems;
}
