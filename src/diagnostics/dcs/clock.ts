import { fail, ok, skip, warn } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';

/** The gateway refuses signatures that are further off (the vendor's signing guide). */
export const MAX_SKEW_MS = 15 * 60_000;

/** From here on deadlines such as `notAfter` are judged noticeably early or late. */
export const WARN_SKEW_MS = 60_000;

const ID = 'clock';
const FIX = 'Set the clock of this machine (NTP, chrony), then run the doctor again.';

/**
 * The verdict on this machine's clock against the API's `Date`.
 *
 * @param skewMs this clock minus the API's; `null` where the API told none
 */
export function judgeClock(skewMs: number | null): Finding {
  if (skewMs === null) return skip(ID, 'no answer of the API told its time');
  const size = Math.abs(skewMs);
  const found = `this machine is ${describe(size)} ${skewMs > 0 ? 'ahead of' : 'behind'} the API`;
  if (size > MAX_SKEW_MS)
    return fail(ID, `${found}; the gateway refuses signatures more than 15 min off`, FIX, 'other');
  if (size > WARN_SKEW_MS) return warn(ID, found, FIX);
  return ok(ID, size < 2_000 ? 'within 2 s of the API' : found);
}

function describe(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
