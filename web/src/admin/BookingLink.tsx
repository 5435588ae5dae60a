import { Link } from "wouter";

/** A booking's id, as a link to its details. */
export function BookingLink({ bookingId }: { bookingId: string }) {
  return (
    <Link href={`/?booking=${encodeURIComponent(bookingId)}`}>
      <code className="id">{bookingId}</code>
    </Link>
  );
}
