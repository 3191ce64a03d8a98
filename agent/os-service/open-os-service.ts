import { RollcallError } from '../../core/errors.ts';
import type { OsService } from './os-service.ts';

/** The service manager of this machine. Throws `OS_SERVICE_UNSUPPORTED` where there is none that rollcall knows. */
export async function openOsService(platform: NodeJS.Platform): Promise<OsService> {
  if (platform === 'linux') {
    const { createSystemdService } = await import('./systemd/systemd-service.ts');
    return createSystemdService();
  }
  if (platform === 'win32') {
    const { createWindowsService } = await import('./windows/windows-service.ts');
    return createWindowsService();
  }
  throw new RollcallError('OS_SERVICE_UNSUPPORTED', `rollcall cannot be made a service of this system (${platform}).`, {
    place: { platform },
  });
}
