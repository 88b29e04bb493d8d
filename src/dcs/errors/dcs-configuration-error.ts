/** Thrown when the client's settings or an id are unusable; nothing was called. */
export class DcsConfigurationError extends Error {
  override readonly name = 'DcsConfigurationError';

  /** @param setting name of the option or id; `problem` never repeats its value */
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`${setting} ${problem}`);
  }
}
