import { useQuery } from "@tanstack/react-query";
import { Redirect } from "wouter";
import { answer } from "../api/client";
import { Answer } from "../ui/states";
import { useApp, useCustomer, useMember } from "./AppContext";
import { NotFound } from "./NotFound";

/** Where a message on the lock screen leads: to the booking it is about, in the place of who is here. */
export default function GoToBooking({ bookingId }: { bookingId: string }) {
  const { apiFor } = useApp();
  const member = useMember();
  const customer = useCustomer();
  const identity = member ?? customer;
  const booking = useQuery({
    queryKey: ["go", bookingId, identity?.userId],
    enabled: identity !== null,
    queryFn: async () => (identity ? answer(apiFor(identity).GET("/bookings/{bookingId}", { params: { path: { bookingId } } })) : null),
  });
  if (!identity) return <Redirect to="/chats" replace />;
  const chats = { therapist: "/desk/chats", admin: "/admin/chats", customer: "/chats" }[identity.role];
  return (
    <main id="content" className="page">
      <Answer query={booking}>{(found) => (found ? <Redirect to={`${chats}/${found.chatRoomId}`} replace /> : <NotFound />)}</Answer>
    </main>
  );
}
