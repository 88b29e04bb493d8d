import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const CACHE = path.join(__dirname, '../../.cache/bench');

/** Builds the bundle of the empty workflow, as `npm run build` does ours. @returns its path */
export async function buildEmptyBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, '../hosts/empty-workflow.ts'),
    logger: new DefaultLogger('WARN'),
  });
  await mkdir(CACHE, { recursive: true });
  const codePath = path.join(CACHE, 'empty-workflow-bundle.js');
  await writeFile(codePath, code);
  return codePath;
}
