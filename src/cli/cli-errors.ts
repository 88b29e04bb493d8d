/** The command line itself is wrong; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The person stopped waiting; the run goes on. */
export class DetachedError extends Error {
  override readonly name = 'DetachedError';
}

/** The person stopped a command that owns what it started; all of it is gone. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** The person said no; nothing was sent. */
export class DeclinedError extends Error {
  override readonly name = 'DeclinedError';
}
