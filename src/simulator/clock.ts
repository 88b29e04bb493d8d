/** The service's clock, which may be wrong: `Date` headers, signature checks and the API's times follow it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Sets how far it is ahead of this machine's clock, in milliseconds; negative = behind. */
  setOffset(offsetMs: number): void;
}

/** A clock that is `initialOffsetMs` ahead of this machine's. */
export function createClock(initialOffsetMs: number): Clock {
  let offsetMs = initialOffsetMs;
  return {
    now: () => Date.now() + offsetMs,
    setOffset: (next) => {
      offsetMs = next;
    },
  };
}

/** A time as IAM writes it: `2017-04-17T07:55:18.575000Z`. */
export function iamTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}
