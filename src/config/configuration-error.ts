/** Thrown when the environment does not describe a worker; nothing was started. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  /** @param problems one per setting, each beginning with the variable's name */
  constructor(readonly problems: readonly string[]) {
    super(`Configuration: ${problems.join('; ')}. See docs/configuration.md.`);
  }
}
