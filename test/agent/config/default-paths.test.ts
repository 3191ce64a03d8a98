import { describe, expect, it } from 'vitest';
import { defaultConfigFile, defaultStateDirectory } from '../../../agent/config/default-paths.ts';

describe('default places', () => {
  it('belong to the machine, not to a user', () => {
    expect(defaultConfigFile('linux', { HOME: '/home/me' })).toBe('/etc/rollcall/config.json');
    expect(defaultStateDirectory('linux', { HOME: '/home/me' })).toBe('/var/lib/rollcall');
  });

  it('are below ProgramData on Windows', () => {
    expect(defaultConfigFile('win32', { ProgramData: String.raw`D:\Data` })).toBe(String.raw`D:\Data\Rollcall\config.json`);
    expect(defaultStateDirectory('win32', {})).toBe(String.raw`C:\ProgramData\Rollcall\state`);
  });

  it('do not follow a relative ProgramData', () => {
    expect(defaultConfigFile('win32', { ProgramData: 'Data' })).toBe(String.raw`C:\ProgramData\Rollcall\config.json`);
  });
});
