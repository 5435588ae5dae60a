import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { answer, ifStill, type Api } from "../api/client";
import type { Booking, Room } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { putBooking, useLive } from "../app/LiveContext";
import { useIsOver } from "../ui/bits";
import { Button, Field } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { toast } from "../ui/toasts";

export const LONGEST_REASON = 500;

export type BookingCommand = "accept" | "decline" | "cancel" | "complete";

function run(api: Api, command: BookingCommand, seen: Booking, reason?: string): Promise<{ booking: Booking }> {
  const params = { path: { bookingId: seen.bookingId } };
  const headers = ifStill(seen);
  const body = reason ? { reason } : {};
  switch (command) {
    case "accept":
      return answer(api.POST("/bookings/{bookingId}/accept", { params, headers }));
    case "decline":
      return answer(api.POST("/bookings/{bookingId}/decline", { params, headers, body }));
    case "cancel":
      return answer(api.POST("/bookings/{bookingId}/cancel", { params, headers, body }));
    case "complete":
      return answer(api.POST("/bookings/{bookingId}/complete", { params, headers }));
  }
}

const DONE = { accept: "action.accepted", decline: "action.declined", cancel: "action.cancelled", complete: "action.completed" } as const;

/** Runs a command on a booking and shows its outcome everywhere. */
export function useBookingCommand() {
  const { api } = useLive();
  const { t } = useWords();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  return useMutation({
    mutationFn: ({ command, booking, reason }: { command: BookingCommand; booking: Booking; reason?: string }) =>
      run(api, command, booking, reason),
    onSuccess: ({ booking }, { command }) => {
      putBooking(queries, booking);
      toast(t(DONE[command]), "good");
    },
    onError: sayProblem,
    // Also after a refusal: somebody else was faster, and their state is the one to show.
    onSettled: (_, __, { booking }) => {
      void queries.invalidateQueries({ queryKey: ["room", booking.chatRoomId] });
      for (const key of ["rooms", "bookings", "admin", "money"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}

/** The commands that the server allows the reader now. */
export function BookingActions({ room }: { room: Room }) {
  const { t } = useWords();
  const { identity } = useLive();
  const command = useBookingCommand();
  const [isCancelling, setIsCancelling] = useState(false);
  const [reason, setReason] = useState("");
  const { booking } = room;
  const isOver = useIsOver(booking.status === "pending" ? booking.responseDeadline : null);
  // The server refuses an answer from the deadline on, so it is offered no longer.
  const actions = isOver ? room.actions.filter((action) => action !== "accept" && action !== "decline") : room.actions;
  const needsReason = identity.role === "therapist";
  const [isLacking, setIsLacking] = useState(false);
  const busyWith = command.isPending ? command.variables.command : null;
  return (
    <>
      {actions.includes("accept") ? (
        <Button
          look="good"
          icon={<Check size={18} aria-hidden />}
          busy={busyWith === "accept"}
          onPress={() => command.mutate({ command: "accept", booking })}
        >
          {t("action.accept")}
        </Button>
      ) : null}
      {actions.includes("decline") ? (
        <Button
          look="danger"
          icon={<X size={18} aria-hidden />}
          busy={busyWith === "decline"}
          onPress={() => command.mutate({ command: "decline", booking })}
        >
          {t("action.decline")}
        </Button>
      ) : null}
      {actions.includes("complete") ? (
        <Button look="primary" busy={busyWith === "complete"} onPress={() => command.mutate({ command: "complete", booking })}>
          {t("action.complete")}
        </Button>
      ) : null}
      {actions.includes("cancel") ? (
        <Button look="quiet" onPress={() => setIsCancelling(true)}>
          {t("action.cancel")}
        </Button>
      ) : null}
      {isCancelling ? (
        <Question
          title={t("action.cancel.title")}
          text={t("action.cancel.text")}
          confirm={t("action.cancel")}
          cancel={t("action.cancel.keep")}
          look="danger"
          busy={command.isPending}
          onConfirm={() => {
            const given = plainLines(reason);
            setIsLacking(needsReason && !given);
            if (needsReason && !given) return;
            command.mutate(
              { command: "cancel", booking, ...(given ? { reason: given } : {}) },
              { onSettled: () => setIsCancelling(false) },
            );
          }}
          onClose={() => setIsCancelling(false)}
        >
          <Field
            label={needsReason ? t("common.reason") : t("common.reasonOptional")}
            rows={2}
            maxLength={LONGEST_REASON}
            required={needsReason}
            value={reason}
            onChange={setReason}
            problem={isLacking ? t("common.reasonRequired") : null}
          />
        </Question>
      ) : null}
    </>
  );
}
