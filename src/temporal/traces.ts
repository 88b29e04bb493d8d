/**
 * Traces of OpenTelemetry, where they are asked for. The packages that make them are optional, and nothing of them is
 * loaded before that: `otlp-traces.ts` alone imports them.
 */
import { TemporalConfigError } from './errors.js';
import type { Traces, TracesReporter } from './otlp-traces.js';

/** The variable that asks for traces; where they go say the standard variables of OpenTelemetry. */
const VARIABLE = 'DCS_SWITCHOVER_TRACES';

const PACKAGES = [
  '@temporalio/interceptors-opentelemetry',
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
] as const;

/**
 * Whether traces are asked for.
 *
 * @throws TemporalConfigError when the variable has another value, or a package is missing
 */
export function wantsTraces(env: NodeJS.ProcessEnv): boolean {
  const value = env[VARIABLE] ?? '';
  if (value === '') return false;
  if (value !== 'otlp')
    throw new TemporalConfigError(VARIABLE, 'is not "otlp"', 'Set it so, or leave it out.');
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length === 0) return true;
  throw new TemporalConfigError(
    VARIABLE,
    `asks for traces, but what makes them is not installed: ${missing.join(', ')}`,
    'Nothing was opened. Install it as docs/observability.md#traces says, or leave the variable out.',
  );
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Traces where they are asked for, else `null`.
 *
 * @throws TemporalConfigError as {@link wantsTraces}
 */
export async function openTraces(
  env: NodeJS.ProcessEnv,
  reporter: TracesReporter,
): Promise<Traces | null> {
  if (!wantsTraces(env)) return null;
  const { createTraces } = await import('./otlp-traces.js');
  return createTraces(reporter);
}
