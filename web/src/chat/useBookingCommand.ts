import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, ifStill, type Api } from "../api/client";
import type { Booking, VisitStep } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { putBooking, useLive } from "../app/LiveContext";
import { toast } from "../ui/toasts";

/** What can be done to a booking, with what it takes. */
export type BookingStep =
  | { command: "decline"; reason?: string }
  | { command: "accept" | "complete" | "acceptProposal" | "declineProposal" | "withdrawProposal" }
  | { command: "cancel"; reason?: string; fee?: number }
  | { command: "visit"; step: VisitStep; startCode?: string }
  | { command: "noShow"; note?: string }
  | { command: "reschedule" | "propose"; scheduledTime: string }
  | { command: "redispatch"; therapistId: string; price: number };

export type BookingCommand = BookingStep["command"];
type Given = BookingStep & { booking: Booking };

function run(api: Api, given: Given): Promise<{ booking: Booking }> {
  const common = { params: { path: { bookingId: given.booking.bookingId } }, headers: ifStill(given.booking) };
  switch (given.command) {
    case "accept":
      return answer(api.POST("/bookings/{bookingId}/accept", common));
    case "decline":
      return answer(api.POST("/bookings/{bookingId}/decline", { ...common, body: given.reason ? { reason: given.reason } : {} }));
    case "complete":
      return answer(api.POST("/bookings/{bookingId}/complete", common));
    case "cancel": {
      const { reason, fee } = given;
      const body = { ...(reason ? { reason } : {}), ...(fee === undefined ? {} : { fee }) };
      return answer(api.POST("/bookings/{bookingId}/cancel", { ...common, body }));
    }
    case "visit": {
      const { step, startCode } = given;
      return answer(api.POST("/bookings/{bookingId}/visit", { ...common, body: { step, ...(startCode ? { startCode } : {}) } }));
    }
    case "noShow":
      return answer(api.POST("/bookings/{bookingId}/no-show", { ...common, body: given.note ? { note: given.note } : {} }));
    case "reschedule":
      return answer(api.POST("/bookings/{bookingId}/reschedule", { ...common, body: { scheduledTime: given.scheduledTime } }));
    case "propose":
      return answer(api.POST("/bookings/{bookingId}/proposal", { ...common, body: { scheduledTime: given.scheduledTime } }));
    case "redispatch": {
      const { therapistId, price } = given;
      return answer(api.POST("/bookings/{bookingId}/redispatch", { ...common, body: { therapistId, price } }));
    }
    case "acceptProposal":
      return answer(api.POST("/bookings/{bookingId}/proposal/accept", common));
    case "declineProposal":
      return answer(api.POST("/bookings/{bookingId}/proposal/decline", common));
    case "withdrawProposal":
      return answer(api.POST("/bookings/{bookingId}/proposal/withdraw", common));
  }
}

const DONE = {
  accept: "action.accepted",
  decline: "action.declined",
  cancel: "action.cancelled",
  complete: "action.completed",
  visit: "action.visited",
  noShow: "action.noShowSaid",
  reschedule: "action.rescheduled",
  propose: "action.proposed",
  redispatch: "action.redispatched",
  acceptProposal: "action.rescheduled",
  declineProposal: "action.proposalDeclined",
  withdrawProposal: "action.proposalWithdrawn",
} as const satisfies Record<BookingCommand, string>;

/**
 * Runs a command on a booking and shows its outcome everywhere. A problem is said in a toast, unless `react` says
 * that it has dealt with it.
 */
export function useBookingCommand(react: (failure: Error) => boolean = () => false) {
  const { api } = useLive();
  const { t } = useWords();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  return useMutation({
    mutationFn: (given: Given) => run(api, given),
    onSuccess: ({ booking }, { command }) => {
      putBooking(queries, booking);
      toast(t(DONE[command]), "good");
    },
    onError: (failure) => {
      if (!react(failure)) sayProblem(failure);
    },
    // Also after a refusal: somebody else was faster, and their state is the one to show.
    onSettled: (_, __, { booking }) => {
      void queries.invalidateQueries({ queryKey: ["room", booking.chatRoomId] });
      for (const key of ["rooms", "bookings", "admin", "money"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}
