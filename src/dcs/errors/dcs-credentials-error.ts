/** Thrown when a credential source gives no usable credential; names where it looked, never what it found. */
export class DcsCredentialsError extends Error {
  override readonly name = 'DcsCredentialsError';
}
