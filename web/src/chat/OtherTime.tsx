import { useState } from "react";
import type { Booking } from "../api/types";
import { DURATIONS, type Duration } from "../api/types";
import { useWords } from "../app/AppContext";
import { useTherapist } from "../customer/catalogue";
import { TimeChoice } from "../customer/TimeChoice";
import { Button } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { useBookingCommand } from "./useBookingCommand";

/** Moves a request at once, or proposes another time for what is agreed. */
export function OtherTimeSheet({ booking, kind, onClose }: { booking: Booking; kind: "reschedule" | "propose"; onClose(): void }) {
  const { t } = useWords();
  const therapist = useTherapist(booking.therapistId);
  const [time, setTime] = useState<string | null>(null);
  const [isLacking, setIsLacking] = useState(false);
  const command = useBookingCommand();
  const duration: Duration = DURATIONS.find((known) => known === booking.duration) ?? 60;
  return (
    <Sheet title={t(`visit.${kind}`)} onClose={onClose}>
      <div className="stack">
        <p className="muted">{t(`visit.${kind}Text`)}</p>
        <Answer query={therapist}>
          {(found) => (
            <TimeChoice therapist={found} duration={duration} value={time} problem={isLacking && !time ? t("book.chooseTime") : null} onChange={setTime} />
          )}
        </Answer>
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button
            look="primary"
            busy={command.isPending}
            onPress={() => {
              setIsLacking(time === null);
              if (time) command.mutate({ command: kind, booking, scheduledTime: time }, { onSuccess: onClose });
            }}
          >
            {t(`visit.${kind}Confirm`)}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
