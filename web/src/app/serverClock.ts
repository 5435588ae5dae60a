/** How far the server's clock is ahead of this device's, in milliseconds, as its answers tell. */
let ahead = 0;

/** An answer that took longer says too little of the present. */
const TELLING_WITHIN = 10_000;

/**
 * Learns from the Date header of an answer and from when it was asked for, by this device's clock. The header has
 * whole seconds and was written somewhere between asking and now, so smaller differences are ignored.
 */
export function observeServerTime(header: string | null, askedAt: number): void {
  if (!header) return;
  const server = Date.parse(header);
  const took = Date.now() - askedAt;
  if (Number.isNaN(server) || took < 0 || took > TELLING_WITHIN) return;
  const difference = server + 500 - (askedAt + took / 2);
  ahead = Math.abs(difference) < 2_000 + took / 2 ? 0 : difference;
}

/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}
