import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, ifStill } from "../api/client";
import type { AdminBooking } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { putBooking, useLive } from "../app/LiveContext";
import { PresenceBadge } from "../ui/bits";
import { Button, Choice, Field } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { useTherapistChoice } from "./useAdminTherapists";

/** So many can be looked through without a search. */
const FEW = 9;

/** A name as one searches for it: without capitals, accents and blanks around. */
const folded = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();

export function ReassignSheet({ booking, onClose }: { booking: AdminBooking; onClose(): void }) {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const therapists = useTherapistChoice(0);
  const [words, setWords] = useState("");
  const [therapistId, setTherapistId] = useState<string | null>(null);
  const reassign = useMutation({
    mutationFn: (chosen: string) =>
      answer(
        api.POST("/admin/bookings/{bookingId}/reassign", {
          params: { path: { bookingId: booking.bookingId } },
          headers: ifStill(booking),
          body: { therapistId: chosen },
        }),
      ),
    onSuccess: ({ booking: reassigned }) => {
      putBooking(queries, reassigned);
      toast(t("action.reassigned"), "good");
      onClose();
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (
    <Sheet title={t("admin.reassign.title")} onClose={onClose}>
      <div className="stack">
        <p className="muted">{t("admin.reassign.text")}</p>
        <Answer query={therapists}>
          {(items) => (
            <>
              {items.length > FEW ? <Field label={t("admin.reassign.search")} value={words} onChange={setWords} autoComplete="off" /> : null}
              <Choice
                label={t("admin.reassign.to")}
                look="cards"
                value={therapistId}
                onChange={setTherapistId}
                options={items
                  .filter(({ therapistId, name }) => therapistId !== booking.therapistId && folded(name).includes(folded(words)))
                  .map((therapist) => ({
                    value: therapist.therapistId,
                    label: (
                      <>
                        <strong>{therapist.name}</strong>
                        <PresenceBadge status={therapist.status} />
                      </>
                    ),
                  }))}
              />
            </>
          )}
        </Answer>
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button
            look="primary"
            isDisabled={therapistId === null}
            busy={reassign.isPending}
            onPress={() => therapistId && reassign.mutate(therapistId)}
          >
            {t("action.reassign")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
