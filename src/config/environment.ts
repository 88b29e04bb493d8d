import path from 'node:path';

/** Environment variables, with the empty ones removed: they count as absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Removes empty variables. */
export function presentOf(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** The first of these variables that is set. */
export function firstSet(env: Environment, variables: readonly string[]): string | undefined {
  return variables.find((variable) => env[variable] !== undefined);
}

/** Where the vendor's SDKs look for a profile; `null` in an environment without a home. */
export function defaultProfileFile(env: Environment): string | null {
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home === undefined ? null : path.join(home, '.huaweicloud', 'credentials');
}
