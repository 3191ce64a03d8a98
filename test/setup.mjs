// Makes a bare clone ready: installs the locked packages (Node 26 among them) when they are missing or outdated.
// Plain JavaScript on purpose: it runs on whatever Node the machine has, before Node 26 is there.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, 'node_modules', '.package-lock.json');
const wanted = join(root, 'package-lock.json');

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  process.stderr.write('Setting up: installing the locked packages (first time only) …\n');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    process.stderr.write('Setting up failed: "npm ci" did not succeed (see above). Remedy: check that the npm registry can be reached.\n');
    process.exit(1);
  }
}

const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const version = spawnSync(node, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
if (version.status !== 0 || !version.stdout.startsWith('v26.')) {
  process.stderr.write(
    `Setting up failed: the Node 26 that npm installed does not run here (${(version.stderr || version.error?.message || version.stdout || '').trim()}).\n` +
      'Remedy: on a minimal Debian or Ubuntu, "apt-get install libatomic1"; elsewhere, install Node 26 yourself and put it first on PATH.\n',
  );
  process.exit(1);
}
