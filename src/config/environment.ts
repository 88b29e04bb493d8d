/** Environment variables, with the empty ones removed: they count as absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Removes empty variables. */
export function presentOf(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}
