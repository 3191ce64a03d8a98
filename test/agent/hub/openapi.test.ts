import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { describeHub } from '../../../agent/hub/server/describe-hub.ts';

describe('the OpenAPI description of the hub', () => {
  it('is right by the schema of OpenAPI 3.1', async () => {
    const document = JSON.parse(JSON.stringify(await describeHub('0.1.0'))) as Record<string, unknown>;
    const validator = new Validator();

    expect(await validator.validate(document)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('would be found wrong otherwise', async () => {
    const document = JSON.parse(JSON.stringify(await describeHub('0.1.0'))) as Record<string, unknown>;

    expect((await new Validator().validate({ ...document, paths: { '/v1/hub': { get: { responses: 5 } } } })).valid).toBe(false);
  });
});
