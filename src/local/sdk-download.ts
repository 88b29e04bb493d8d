import { chmod, readdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { publishDir } from './cache.js';
import { runBounded } from '../dev/run.js';

/**
 * Fails in milliseconds where the vendor's host cannot be reached; this bound is for a network that
 * swallows packets. A download slower than that leaves the turn to the next way.
 */
export const SDK_DOWNLOAD_TIMEOUT_MS = 30_000;

/** Which of the SDK's two servers. */
export type SdkServer = 'dev-server' | 'time-skipping';

// The SDK has no "download only": it downloads, starts the server and names neither the file nor the
// time it may take. In a process of its own it can be bounded and leaves nothing behind but the file.
const DOWNLOAD_SCRIPT = `
const [workerPackageDir, type, downloadDir] = process.argv.slice(1);
const { Runtime } = require(workerPackageDir);
const { version: sdkVersion } = require(workerPackageDir + '/package.json');
const exe = { type: 'cached-download', downloadDir, version: 'default', ttl: 60000,
  sdkName: 'sdk-typescript', sdkVersion };
const devServer = { namespace: 'default', ip: '127.0.0.1', uiPort: null, dbFilename: null, ui: false,
  log: { format: 'pretty', level: 'error' } };
const config = { type, exe, port: null, extraArgs: [], ...(type === 'dev-server' ? devServer : {}) };
const runtime = Runtime.instance();
runtime.createEphemeralServer(config)
  .then((server) => runtime.shutdownEphemeralServer(server))
  .then(() => process.exit(0), (error) => {
    console.error(String(error.message ?? error).split('\\n').join(' '));
    process.exit(1);
  });
`;

/**
 * Lets the Temporal SDK download one of its servers into `targetDir`, under `fileName`. Callers hold the
 * cache's lock. Verified by the vendor's TLS certificate only: no hash is pinned on this way.
 *
 * @param workerPackageDir the installed `@temporalio/worker`; tests give a stand-in.
 * @returns the path of the program.
 * @throws Error with the SDK's own reason.
 */
export async function downloadBySdk(
  server: SdkServer,
  targetDir: string,
  fileName: string,
  env: NodeJS.ProcessEnv,
  workerPackageDir: string = installedWorkerPackage(),
): Promise<string> {
  await publishDir(targetDir, async (workDir) => {
    const args = ['-e', DOWNLOAD_SCRIPT, '--', workerPackageDir, server, workDir];
    await runBounded(process.execPath, args, { env, timeoutMs: SDK_DOWNLOAD_TIMEOUT_MS });
    const [downloaded] = await readdir(workDir);
    if (downloaded === undefined) throw new Error('the SDK left no file in the download folder');
    const program = path.join(workDir, fileName);
    await rename(path.join(workDir, downloaded), program);
    await chmod(program, 0o755);
  });
  return path.join(targetDir, fileName);
}

function installedWorkerPackage(): string {
  return path.dirname(require.resolve('@temporalio/worker/package.json'));
}
