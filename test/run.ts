// npm test: the code's own checks, then every suite, then one line with the sum. Words given after "--" narrow it: npm test -- core e2e
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

interface Suite {
  readonly projects: readonly string[];
  /** Files at a time. */
  readonly workers: 1 | 2;
}

const suites: readonly Suite[] = [
  { projects: ['core', 'agent', 'installer', 'contract'], workers: 2 },
  { projects: ['meta'], workers: 1 },
  { projects: ['integration'], workers: 2 },
  { projects: ['e2e'], workers: 2 },
  { projects: ['service'], workers: 1 },
  { projects: ['packages'], workers: 1 },
];
/** Packages are installed into systems that are booted for it: root, many tools and minutes, so only on request. */
const testsPackages = process.env['ROLLCALL_TEST_PACKAGES'] === '1';
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
const sum: Sum = { passed: 0, failed: 0, skipped: 0 };

for (const [index, { projects, workers }] of suites.entries()) {
  const chosen = projects
    .filter((project) => wanted.length === 0 || wanted.includes(project))
    .filter((project) => project !== 'packages' || testsPackages);
  if (chosen.length > 0) add(runSuite(chosen, workers, join(folder, `${index}.json`)));
}
rmSync(folder, { recursive: true, force: true });

if (!testsPackages && (wanted.length === 0 || wanted.includes('packages'))) {
  process.stdout.write(
    '\n!! THE PACKAGES WERE NOT TESTED: .deb, .rpm, tarball and MSI are installed and run only when asked for.\n' +
      '!! As root on Debian, with the system packages that .ci/run names: ROLLCALL_TEST_PACKAGES=1 npm test -- packages\n',
  );
}
const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function add(part: Sum): void {
  sum.passed += part.passed;
  sum.failed += part.failed;
  sum.skipped += part.skipped;
}

function runSuite(projects: readonly string[], workers: number, report: string): Sum {
  process.stdout.write(`\n== ${projects.join(', ')} ==\n`);
  const words = [
    'run',
    '--config',
    'test/vitest.config.ts',
    '--root',
    '.',
    `--maxWorkers=${workers}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const result = spawnSync('vitest', [...words, ...projects.flatMap((project) => ['--project', project])], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const counted = readReport(report);
  // A suite that broke before its tests ran has failed, whatever it counted.
  if (result.status !== 0 && counted.failed === 0) return { ...counted, failed: 1 };
  return counted;
}

function readReport(file: string): Sum {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
