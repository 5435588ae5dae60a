import { Radio } from "lucide-react";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { useWords } from "../app/AppContext";
import { keep, kept, onKeptElsewhere } from "../app/kept";
import { useConnection } from "../app/LiveContext";

const CHOICES = [3, 5, 10, 30] as const;
const KEY = "teduh.refresh";
/** Even a live page looks again once a minute, and more often where no event tells of a change. */
const WHILE_LIVE = { "with events": 60_000, "without events": 10_000 } as const;

interface Refreshing {
  seconds: number;
  setSeconds(seconds: number): void;
}

const RefreshContext = createContext<Refreshing | null>(null);

function keptSeconds(): number {
  const seconds = Number(kept(KEY));
  return CHOICES.find((choice) => choice === seconds) ?? 5;
}

export function RefreshProvider({ children }: { children: ReactNode }) {
  const [seconds, setSecondsState] = useState<number>(keptSeconds);
  useEffect(() => onKeptElsewhere(KEY, () => setSecondsState(keptSeconds())), []);
  const setSeconds = (next: number) => {
    keep(KEY, String(next));
    setSecondsState(next);
  };
  return <RefreshContext.Provider value={{ seconds, setSeconds }}>{children}</RefreshContext.Provider>;
}

function useRefreshing(): Refreshing {
  const value = useContext(RefreshContext);
  if (!value) throw new Error("useRefreshing outside of RefreshProvider");
  return value;
}

/** How often pages ask again, in milliseconds: rarely while events come in, as chosen otherwise. */
export function useRefetchInterval(kind: keyof typeof WHILE_LIVE = "with events"): number {
  const { seconds } = useRefreshing();
  return useConnection() === "open" ? WHILE_LIVE[kind] : seconds * 1000;
}

export function LiveChoice() {
  const { t } = useWords();
  const { seconds, setSeconds } = useRefreshing();
  const isLive = useConnection() === "open";
  return (
    <div className="live-choice">
      <span className={isLive ? "live live-on" : "live"} role="status">
        <Radio size={15} aria-hidden />
        <span className="live-text">{isLive ? t("admin.live") : t("admin.polling")}</span>
      </span>
      <label>
        <span className="visually-hidden">{t("admin.refreshEvery")}</span>
        <select value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
          {CHOICES.map((choice) => (
            <option key={choice} value={choice}>
              {t("admin.seconds", { count: choice })}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
