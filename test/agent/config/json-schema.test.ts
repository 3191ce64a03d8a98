import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../../agent/config/json-schema.ts';

const published = new URL('../../../agent/config/rollcall.schema.json', import.meta.url);

interface Node {
  readonly properties: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly default?: unknown;
}

describe('published JSON schema', () => {
  it('is what the program checks with (else: rollcall config-schema > agent/config/rollcall.schema.json)', () => {
    expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it('asks only for collector and directories (itglue is needed but for a collector of a hub), and knows no other keys', () => {
    const schema = configJsonSchema() as unknown as Node;

    expect(schema.required).toEqual(['collector', 'directories']);
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties)).toEqual(
      '$schema collector directories schedule itglue contacts psa limits organizations store hub console notify retention proxy log'.split(
        ' ',
      ),
    );
  });

  it('tells editors the defaults', () => {
    const schema = configJsonSchema() as unknown as Node;

    expect(schema.properties['contacts']?.properties['create']?.default).toBe('off');
    expect(schema.properties['limits']?.properties['update']?.default).toEqual({ floor: 20, share: '25%' });
  });
});
