/** A duration for people: `43 ms`, `0.3 s`, `12.4 s`, `3 min 20 s`. */
export function formatSeconds(ms: number): string {
  if (ms > 0 && ms < 100) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
