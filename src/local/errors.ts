import { isNativeError } from 'node:util/types';

// isNativeError instead of instanceof: Node's own errors are of another realm under Jest.

/** Whether this is a system error of that code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return isNativeError(error) && 'code' in error && error.code === code;
}

/** What went wrong, in the error's own words. */
export function reasonOf(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}
