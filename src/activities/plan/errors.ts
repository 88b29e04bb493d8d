import { ActivityError } from '../errors.js';

/** The selector fits more instances than one plan may have. */
export class TooManyInstancesError extends ActivityError {
  override readonly name = 'TooManyInstancesError';
  constructor(
    readonly count: number,
    readonly limit: number,
  ) {
    super(
      `The selector fits ${count} instances, more than the ${limit} of one plan: narrow it, or make several plans`,
    );
  }
}

/** Reading instances failed in a way that holds for all of them. */
export class InstancesUnreadableError extends ActivityError {
  override readonly name = 'InstancesUnreadableError';
  constructor(readonly detail: string) {
    super(`The instances could not be read: ${detail}`);
  }
}
