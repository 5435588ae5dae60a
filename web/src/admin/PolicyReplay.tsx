import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button, Choice } from "../ui/controls";
import type { Rules } from "./policyFields";

const REPLAYED_DAYS = ["7", "14", "30"];

/** What the bookings of the last days would have come to under the new rules; nothing is saved. */
export function PolicyReplay({ rules }: { rules: Partial<Rules> }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const [days, setDays] = useState("30");
  const replay = useMutation({
    mutationFn: () => answer(api.POST("/admin/policies/replay", { body: { ...(rules as object), days: Number(days) } })),
  });
  const done = replay.data;
  return (
    <section className="card stack stack-tight" aria-live="polite">
      <h3>{t("policy.replay")}</h3>
      <div className="row">
        <Choice
          label={t("policy.replayDays")}
          value={days}
          onChange={(chosen) => {
            setDays(chosen);
            replay.reset();
          }}
          options={REPLAYED_DAYS.map((value) => ({ value, label: t("policy.unit.days", { count: Number(value) }) }))}
        />
        <Button busy={replay.isPending} onPress={() => replay.mutate()}>
          {t("policy.replayRun")}
        </Button>
      </div>
      {replay.isError ? (
        <p className="notice notice-bad" role="alert">
          {problemText(words, replay.error)}
        </p>
      ) : null}
      {done ? (
        <ul className="policy-differences">
          <li>{t("policy.replayBookings", { count: done.bookings })}</li>
          {(["commission", "fees"] as const).map((what) => (
            <li key={what}>
              {t(done.before[what] === done.after[what] ? "policy.replaySame" : "policy.difference", {
                what: t(`policy.replay.${what}`),
                before: words.money(done.before[what]),
                after: words.money(done.after[what]),
              })}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
