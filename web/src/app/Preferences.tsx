import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Preferences as Given, PreferencesChange } from "../api/types";
import { Button, DateField, Switch } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { useProblemToast, useWords } from "./AppContext";
import { useLive } from "./LiveContext";
import { canPush, isPushed, turnPushOff, turnPushOn } from "./push";

const EVENTS = ["offer", "booking", "message", "reminder", "money"] as const;
const CHANNELS = ["push", "whatsApp", "email"] as const;

/** How somebody wants to be reached, and what others see of them. */
export function Preferences() {
  const { t } = useWords();
  const { api, identity } = useLive();
  const preferences = useQuery({
    queryKey: ["preferences", identity.userId],
    queryFn: () => answer(api.GET("/me/preferences")),
  });
  return (
    <section className="card stack">
      <h2>{t("preferences.title")}</h2>
      <PushSwitch />
      <Answer query={preferences}>{(present) => <Choices present={present} />}</Answer>
    </section>
  );
}

function PushSwitch() {
  const { t } = useWords();
  const { api, identity } = useLive();
  const sayProblem = useProblemToast();
  const [isOn, setIsOn] = useState(() => canPush() && isPushed(identity.userId));
  const change = useMutation({
    mutationFn: async (wanted: boolean) => {
      if (wanted) return turnPushOn(api, identity.userId);
      await turnPushOff(api);
      return false;
    },
    onSuccess: (isNow, wanted) => {
      setIsOn(isNow);
      if (wanted && !isNow) toast(t("preferences.pushRefused"), "bad");
    },
    // A browser without a push service says so itself.
    onError: (failure) => (problemOf(failure).status === 0 ? toast(t("preferences.pushFailed"), "bad") : sayProblem(failure)),
  });
  if (!canPush()) return <p className="muted small">{t("preferences.pushNone")}</p>;
  return <Switch label={t("preferences.pushHere")} isOn={change.isPending ? change.variables : isOn} onChange={(wanted) => change.mutate(wanted)} />;
}

function Choices({ present: known }: { present: Given }) {
  const { t } = useWords();
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const key = ["preferences", identity.userId];
  const change = useMutation({
    mutationFn: (wanted: PreferencesChange) => answer(api.PATCH("/me/preferences", { body: wanted })),
    onSuccess: (saved) => queries.setQueryData(key, saved),
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: key }),
  });
  // Several taps in a row add up: each is shown before its answer is here.
  const [shown, setShown] = useState<Given | null>(null);
  const present = shown ?? known;
  const put = (wanted: PreferencesChange, next: Given) => {
    setShown(next);
    change.mutate(wanted, { onSettled: () => setShown(null) });
  };
  return (
    <>
      <table className="preferences">
        <thead>
          <tr>
            <td />
            {CHANNELS.map((channel) => (
              <th key={channel} scope="col">
                {t(`channel.${channel}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {EVENTS.filter((event) => event !== "offer" || identity.role === "therapist").map((event) => (
            <tr key={event}>
              <th scope="row">{t(`preferences.event.${event}`)}</th>
              {CHANNELS.map((channel) => (
                <td key={channel}>
                  <input
                    type="checkbox"
                    aria-label={`${t(`preferences.event.${event}`)}: ${t(`channel.${channel}`)}`}
                    checked={present.channels[event][channel]}
                    onChange={({ target: { checked } }) =>
                      put(
                        { channels: { [event]: { [channel]: checked } } },
                        { ...present, channels: { ...present.channels, [event]: { ...present.channels[event], [channel]: checked } } },
                      )
                    }
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <QuietHours present={present} onChange={(quietHours) => change.mutate({ quietHours })} />
      <Switch label={t("preferences.showsRead")} isOn={present.showsRead} onChange={(showsRead) => put({ showsRead }, { ...present, showsRead })} />
      <Switch
        label={t("preferences.showsPresence")}
        isOn={present.showsPresence}
        onChange={(showsPresence) => put({ showsPresence }, { ...present, showsPresence })}
      />
    </>
  );
}

function QuietHours({ present, onChange }: { present: Given; onChange(hours: Given["quietHours"]): void }) {
  const { t } = useWords();
  const known = present.quietHours;
  const [from, setFrom] = useState(known?.from ?? "22:00");
  const [to, setTo] = useState(known?.to ?? "07:00");
  const timeZone = known?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isChanged = known !== null && (known.from !== from || known.to !== to);
  return (
    <>
      <Switch label={t("preferences.quiet")} isOn={known !== null} onChange={(isOn) => onChange(isOn ? { from, to, timeZone } : null)} />
      {known ? (
        <div className="row row-bottom">
          <DateField type="time" label={t("preferences.quietFrom")} value={from} onChange={setFrom} />
          <DateField type="time" label={t("preferences.quietTo")} value={to} onChange={setTo} />
          <Button isDisabled={!isChanged || !from || !to || from === to} onPress={() => onChange({ from, to, timeZone })}>
            {t("common.save")}
          </Button>
        </div>
      ) : null}
      {known ? <p className="muted small">{t("preferences.quietText")}</p> : null}
    </>
  );
}

