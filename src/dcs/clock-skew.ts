/** From here on a refused signature is told together with the clocks. */
const NOTABLE_MS = 5 * 60_000;

/** The gateway refuses signatures that are 15 min off (signing guide); a minute of it is left to the way. */
const REFUSED_MS = 14 * 60_000;

/** How far our clock and the API's are apart. */
export interface ClockSkew {
  /** Ours minus the API's. */
  readonly ms: number;
  /** Whether a signature is refused for that alone, whatever the key. */
  readonly isRefused: boolean;
  readonly words: string;
}

/** `null` when the clocks agree well enough, or the API's is not known. */
export function findClockSkew(serverTimeMs: number | null, nowMs: number): ClockSkew | null {
  if (serverTimeMs === null) return null;
  const ms = nowMs - serverTimeMs;
  const offMs = Math.abs(ms);
  if (offMs <= NOTABLE_MS) return null;
  const isRefused = offMs >= REFUSED_MS;
  const direction = ms < 0 ? 'behind' : 'ahead of';
  const seconds = Math.round(offMs / 1000);
  return {
    ms,
    isRefused,
    words: `this machine's clock is ${seconds} s ${direction} the API; set it (15 min are tolerated)`,
  };
}
