/** Thrown when something was not done in time. */
export class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/**
 * Waits for `work`, but not longer than `timeoutMs`; what is given up goes on unheard.
 *
 * @param what named in the error
 * @throws TooLateError
 */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TooLateError(`${what} was not done within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
