/** The workflow code of a worker: built with the package, or bundled again where another SDK is to run it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import type { BundleOptions } from '@temporalio/worker';

import { ConfigurationError } from '../config/index.js';

/** From `src/worker` and from `dist/worker` alike. */
const DIST = path.join(__dirname, '../../dist');

/** What is bundled. */
const WORKFLOWS = path.join(DIST, 'workflows/index.js');

/** The failure converter of a bundle for a codec. */
const FAILURE_CONVERTER = path.join(DIST, 'temporal/workflow-failure-converter.js');

/** Options of {@link workflowBundlePath}. */
export interface WorkflowBundleOptions {
  /** Whether messages of failures become payloads, for a worker with a payload codec. @default false */
  readonly hasCodec?: boolean;
  /** Whether runs show in traces of OpenTelemetry, whose packages are there. @default false */
  readonly hasTraces?: boolean;
}

/** What `Worker.create` takes: a file, or what would stand in it. */
export type WorkflowBundle = { readonly codePath: string } | { readonly code: string };

/**
 * Path of the prebuilt workflow bundle. It holds the SDK's own code too, and so fits only that version of
 * the SDK that it was built with; `switchoverWorkerOptions` has one for any.
 *
 * @throws ConfigurationError when the package was not built, or with another version of the SDK
 */
export function workflowBundlePath(options: WorkflowBundleOptions = {}): string {
  checkBuilt();
  const codePath = prebuiltPath(options);
  if (existsSync(codePath)) return codePath;
  const problem = `no workflow bundle was built with @temporalio/worker ${sdkVersion()}`;
  throw new ConfigurationError([`${problem}: take the one of \`switchoverWorkerOptions\``]);
}

/**
 * The prebuilt bundle where this SDK has built it; else this SDK makes one, which takes seconds. There is none for a
 * codec and traces.
 */
export async function workflowBundle(options: WorkflowBundleOptions): Promise<WorkflowBundle> {
  checkBuilt();
  const codePath = prebuiltPath(options);
  return existsSync(codePath) ? { codePath } : { code: await bundle(options) };
}

/** Makes the prebuilt bundles, for those who build the package. */
export async function writeWorkflowBundles(): Promise<void> {
  for (const options of [{}, { hasCodec: true }, { hasTraces: true }])
    writeFileSync(prebuiltPath(options), await bundle(options));
}

/** Whether there is code from which a worker could start. */
export function hasWorkflows(): boolean {
  return existsSync(WORKFLOWS);
}

/** @throws ConfigurationError */
export function checkBuilt(): void {
  if (!hasWorkflows())
    throw new ConfigurationError(['the workflow code is missing: run `npm run build`']);
}

function prebuiltPath({ hasCodec = false, hasTraces = false }: WorkflowBundleOptions): string {
  const kind = [...(hasCodec ? ['encoded'] : []), ...(hasTraces ? ['traced'] : [])];
  return path.join(DIST, `${['workflow-bundle', ...kind, sdkVersion()].join('-')}.js`);
}

function sdkVersion(): string {
  const file = require.resolve('@temporalio/worker/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** Temporal's own; of a package that is optional. */
const TRACING_MODULE = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors';

async function bundle({
  hasCodec = false,
  hasTraces = false,
}: WorkflowBundleOptions): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    // Our modules keep no state, so all runs of a worker share one copy of them (frozen by the SDK): a
    // run neither evaluates them again nor keeps a copy in the cache.
    preloadModules: [WORKFLOWS],
    webpackConfigHook: keepBareRequires,
    logger: new DefaultLogger('WARN'),
    ...(hasCodec ? { failureConverterPath: FAILURE_CONVERTER } : {}),
    ...(hasTraces ? { workflowInterceptorModules: [require.resolve(TRACING_MODULE)] } : {}),
  });
  return code;
}

/** The SDK preloads by a bare require(), which webpack drops for a package that says `sideEffects: false`. */
const keepBareRequires: NonNullable<BundleOptions['webpackConfigHook']> = (config) => ({
  ...config,
  optimization: { ...config.optimization, sideEffects: false },
});
