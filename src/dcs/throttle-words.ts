const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** What the gateway tells of a quota that is spent; `null` where it does not. */
export interface ThrottleWords {
  /** Whose calls are counted: those of a `user`, to an `api`, of an `app`, from an `ip`. */
  readonly policy: string | null;
  /** Calls per window. */
  readonly limit: number | null;
  /** Length of the window, in milliseconds. */
  readonly windowMs: number | null;
}

/**
 * Reads the gateway's text of a throttled call, such as `The throttling threshold has been reached: policy
 * user over ratelimit,limit:100,time:1 minute` (API gateway, error codes, APIGW.0308).
 */
export function parseThrottleWords(message: string): ThrottleWords {
  const [, policy = null] = /\bpolicy\s+(\w{1,20})\s+over\s+ratelimit/i.exec(message) ?? [];
  const [, limit] = /\blimit:\s*(\d{1,9})\b/i.exec(message) ?? [];
  const [, amount, unit = ''] =
    /\btime:\s*(\d{1,6})\s*(second|minute|hour|day)/i.exec(message) ?? [];
  const unitMs = UNIT_MS[unit.toLowerCase()];
  return {
    policy: policy?.toLowerCase() ?? null,
    limit: limit === undefined ? null : Number(limit),
    windowMs: amount === undefined || unitMs === undefined ? null : Number(amount) * unitMs,
  };
}
