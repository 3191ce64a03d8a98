import { describe, expect, it } from 'vitest';
import { readAnswer, readError, writeOutcome } from '../../../../agent/psa/autotask/errors.ts';
import { RollcallError } from '../../../../core/errors.ts';

const asked = { what: 'creating a contact', redact: (text: string) => text };

/** What an answer means to a read and to a write: an error code, `result`, or an outcome. */
function meaning(status: number, text: string): readonly [read: string, write: string] {
  const reply = readAnswer(status, text);
  if (reply.kind === 'result') return ['result', 'result'];
  const write = ((): string => {
    try {
      return writeOutcome(asked, reply).kind;
    } catch (error) {
      return error instanceof RollcallError ? `throws ${error.code}` : String(error);
    }
  })();
  return [readError(asked, reply).code, write];
}

function errors(...texts: readonly string[]): string {
  return JSON.stringify({ errors: texts });
}

describe('what an answer of Autotask means', () => {
  it.each([
    [200, '{"itemId":7}', 'result', 'result'],
    [200, '', 'PSA_ANSWER_INVALID', 'unknown'],
    [200, '[]', 'PSA_ANSWER_INVALID', 'unknown'],
    [200, '{"items":[', 'PSA_ANSWER_INVALID', 'unknown'],
    [200, '<html>sign in</html>', 'PSA_ANSWER_INVALID', 'unknown'],
    [302, '', 'PSA_ANSWER_INVALID', 'unknown'],
    // 500 is what Autotask refuses by; its text tells why.
    [500, errors('Missing Required Field: lastName'), 'PSA_REFUSED', 'refused'],
    [500, errors('Unable to find companyName in the Contact Entity.'), 'PSA_REFUSED', 'refused'],
    [500, errors('Unexpected character encountered while parsing value: t. Path isActive'), 'PSA_REFUSED', 'refused'],
    [500, errors('Reference value on field: contactID of type: Contact does not exist or is invalid.'), 'PSA_REFUSED', 'refused'],
    [500, errors('A ContactGroup already exists with Name [x]. ContactGroup names must be unique.'), 'PSA_REFUSED', 'refused'],
    [500, errors('No matching records found.'), 'PSA_REFUSED', 'refused'],
    [
      500,
      errors('The logged in Resource does not have the adequate permissions to create this entity type.'),
      'PSA_PERMISSION_MISSING',
      'throws PSA_PERMISSION_MISSING',
    ],
    [403, '', 'PSA_PERMISSION_MISSING', 'throws PSA_PERMISSION_MISSING'],
    [
      500,
      errors('Thread Threshold Exceeded - The Autotask API thread threshold of 3 threads has been exceeded.'),
      'PSA_RATE_LIMITED',
      'throws PSA_RATE_LIMITED',
    ],
    [500, errors('Itgenatr005: too many'), 'PSA_RATE_LIMITED', 'throws PSA_RATE_LIMITED'],
    [400, errors('Thread Threshold Exceeded'), 'PSA_RATE_LIMITED', 'throws PSA_RATE_LIMITED'],
    [
      500,
      errors(
        'The number of external requests made to the database has exceeded the threshold of 10,000 requests within the last 60 minutes.',
      ),
      'PSA_RATE_LIMITED',
      'throws PSA_RATE_LIMITED',
    ],
    [429, '', 'PSA_RATE_LIMITED', 'throws PSA_RATE_LIMITED'],
    [401, '', 'PSA_CREDENTIALS_REJECTED', 'throws PSA_CREDENTIALS_REJECTED'],
    // Of these nobody knows what was carried out.
    [500, '', 'PSA_SERVER_ERROR', 'unknown'],
    [500, '<html>Server Error</html>', 'PSA_SERVER_ERROR', 'unknown'],
    [500, '{}', 'PSA_SERVER_ERROR', 'unknown'],
    [500, errors(), 'PSA_SERVER_ERROR', 'unknown'],
    [
      500,
      errors('Execution Timeout Expired. The timeout period elapsed prior to completion of the operation.'),
      'PSA_SERVER_ERROR',
      'unknown',
    ],
    [500, errors('An unexpected error has occurred.'), 'PSA_SERVER_ERROR', 'unknown'],
    [500, errors('Transaction (Process ID 61) was deadlocked on lock resources'), 'PSA_SERVER_ERROR', 'unknown'],
    [500, errors('Object reference not set to an instance of an object.'), 'PSA_SERVER_ERROR', 'unknown'],
    [502, '<html>Bad Gateway</html>', 'PSA_SERVER_ERROR', 'unknown'],
    [503, errors('Missing Required Field: lastName'), 'PSA_SERVER_ERROR', 'unknown'],
    [408, '', 'PSA_SERVER_ERROR', 'unknown'],
    // A web page in place of the API.
    [404, '<html>Not Found</html>', 'PSA_ANSWER_INVALID', 'unknown'],
    [404, errors('No matching records found.'), 'PSA_REFUSED', 'refused'],
    [405, '{"Message":"The requested resource does not support http method PATCH."}', 'PSA_REFUSED', 'refused'],
    [400, errors('Missing Required Field: lastName'), 'PSA_REFUSED', 'refused'],
  ] as const)('%i %s: %s to a read, %s to a write', (status, text, read, write) => {
    expect(meaning(status, text)).toEqual([read, write]);
  });

  it('several reasons are all told', () => {
    const reply = readAnswer(500, errors('Missing Required Field: lastName', 'Missing Required Field: firstName'));

    expect(reply).toMatchObject({ message: 'Missing Required Field: lastName; Missing Required Field: firstName' });
  });
});
