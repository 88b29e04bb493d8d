/** What a call throws; a call that throws nothing fails the test. */
export async function thrownBy(call: Promise<unknown> | (() => unknown)): Promise<Error> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
