import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import { renderOsService, renderOsServiceConfigure, renderOsServiceStatus } from '../../../../agent/cli/render/os-service.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';

const view: View = { style: createStyle(false), width: 100, isTerminal: false, now: 0, sameOptions: '' };
const service = { state: 'running', program: '/usr/local/lib/rollcall/launch', startsAtBoot: true, manager: 'systemd' } as const;

describe('what the commands of the service say', () => {
  it('names each step with what became of it, and how the service is', () => {
    const steps = [
      { did: 'made', what: 'the account rollcall' },
      { did: 'kept', what: '/etc/rollcall' },
    ] as const;

    const text = renderOsService({ formatVersion: 1, steps, service }, view);

    expect(text.split('\n').filter(Boolean)).toEqual([
      'made     the account rollcall',
      'kept     /etc/rollcall',
      'running  /usr/local/lib/rollcall/launch, starts with the machine',
    ]);
  });

  it.each([
    [
      { ...service, state: 'failed', startsAtBoot: false } as const,
      'failed  /usr/local/lib/rollcall/launch, does not start with the machine',
    ],
    [{ ...service, state: 'absent', program: null } as const, 'absent  rollcall is not installed as a service of this machine.'],
  ])('tells a service that is %o', (seen, text) => {
    expect(renderOsServiceStatus({ service: seen }, view)).toBe(text);
  });

  it('tells which settings were written, whether the hub was joined, and what is still missing', () => {
    const document = {
      formatVersion: 1,
      configFile: '/etc/rollcall/config.json',
      hub: 'joined',
      incomplete: 'directories is missing',
    } as const;

    const text = renderOsServiceConfigure({ ...document, changed: ['collector.organization', 'hub.url'] }, view);

    expect(text).toContain('/etc/rollcall/config.json: collector.organization, hub.url');
    expect(text).toContain('joined  the hub of the activation code');
    expect(text).toContain('Not complete yet: directories is missing');
  });
});
