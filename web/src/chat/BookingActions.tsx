import { Check, X } from "lucide-react";
import { useState } from "react";
import type { Room } from "../api/types";
import { useWords } from "../app/AppContext";
import { lazyPart } from "../app/recovery";
import { useIsOver } from "../ui/bits";
import { Button } from "../ui/controls";
import { ReceiptButton } from "./ReceiptButton";
import { useBookingCommand } from "./useBookingCommand";

const DeclineQuestion = lazyPart(async () => ({ default: (await import("./DeclineQuestion")).DeclineQuestion }));
const CancelQuestion = lazyPart(async () => ({ default: (await import("./CancelQuestion")).CancelQuestion }));

/** The commands that the server allows the reader now. */
export function BookingActions({ room }: { room: Room }) {
  const { t } = useWords();
  const command = useBookingCommand();
  const [isDeclining, setIsDeclining] = useState(false);
  const [isCancelling, setIsCancelling] = useState(false);
  const { booking } = room;
  const isOver = useIsOver(booking.status === "pending" ? booking.responseDeadline : null);
  // The server refuses an answer from the deadline on, so it is offered no longer.
  const actions = isOver ? room.actions.filter((action) => action !== "accept" && action !== "decline") : room.actions;
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
          onPress={() => setIsDeclining(true)}
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
      <ReceiptButton booking={booking} />
      {isDeclining ? <DeclineQuestion booking={booking} onClose={() => setIsDeclining(false)} /> : null}
      {isCancelling ? <CancelQuestion booking={booking} onClose={() => setIsCancelling(false)} /> : null}
    </>
  );
}
