/** How far the server's clock is ahead of this device's, in milliseconds, as its answers tell. */
let ahead = 0;

/** Learns from the Date header of an answer; it has whole seconds, so smaller differences are ignored. */
export function observeServerTime(header: string | null): void {
  if (!header) return;
  const server = Date.parse(header);
  if (Number.isNaN(server)) return;
  const difference = server + 500 - Date.now();
  ahead = Math.abs(difference) < 2_000 ? 0 : difference;
}

/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}
