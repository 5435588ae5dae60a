import { useState } from "react";
import type { Booking } from "../api/types";
import { useWords } from "../app/AppContext";
import { Choice } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { DECLINE_REASONS, type DeclineReason } from "./declineReasons";
import { useBookingCommand } from "./useBookingCommand";

const REASONS = Object.keys(DECLINE_REASONS) as DeclineReason[];

/** Asks a second time before a request is turned away, and why, if one wants to say it. */
export function DeclineQuestion({ booking, onClose }: { booking: Booking; onClose(): void }) {
  const { t, language } = useWords();
  const command = useBookingCommand();
  const [reason, setReason] = useState<DeclineReason | null>(null);
  return (
    <Question
      title={t("action.decline.title")}
      text={t("action.decline.text", { name: booking.customerName })}
      confirm={t("action.decline")}
      look="danger"
      busy={command.isPending}
      onConfirm={() =>
        command.mutate(
          { command: "decline", booking, ...(reason ? { reason: DECLINE_REASONS[reason][language] } : {}) },
          { onSettled: onClose },
        )
      }
      onClose={onClose}
    >
      <Choice<DeclineReason>
        label={t("common.reasonOptional")}
        value={reason}
        onChange={setReason}
        options={REASONS.map((value) => ({ value, label: DECLINE_REASONS[value][language] }))}
      />
    </Question>
  );
}
