/** Thrown when no usable credential is configured; names the variables, never their content. */
export class DcsCredentialsError extends Error {
  override readonly name = 'DcsCredentialsError';
}
