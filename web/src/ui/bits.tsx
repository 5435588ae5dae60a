import { Clock } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import type { BookingStatus, PaymentStatus, Presence } from "../api/types";
import { useWords } from "../app/AppContext";
import { serverNow } from "../app/serverClock";

export function StatusBadge({ status }: { status: BookingStatus }) {
  const { t } = useWords();
  return <span className={`badge badge-${status}`}>{t(`status.${status}`)}</span>;
}

export function PaymentBadge({ status }: { status: PaymentStatus }) {
  const { t } = useWords();
  return <span className={`badge badge-payment-${status}`}>{t(`payment.${status}`)}</span>;
}

export function PresenceBadge({ status }: { status: Presence }) {
  const { t } = useWords();
  return (
    <span className={`presence presence-${status}`}>
      <span className="presence-dot" aria-hidden />
      {t(`presence.${status}`)}
    </span>
  );
}

/** Marks what a test booking has left, wherever it stands among real ones. */
export function TestMark({ of }: { of: { isTest?: boolean } }) {
  const { t } = useWords();
  return of.isTest ? <span className="badge badge-test">{t("admin.bookings.test")}</span> : null;
}

export function Count({ count, label }: { count: number; label: string }) {
  if (count === 0) return null;
  return (
    <span className="count">
      <span aria-hidden>{count > 99 ? "99+" : count}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

interface AvatarProperties {
  name: string;
  size?: "normal" | "large" | "small" | "portrait";
  /** Their photo, if there is one. */
  photo?: string | null;
}

/** A portrait; without a photo, or as long as it cannot be had, initials on a colour that is always the same for one name. */
export function Avatar({ name, size = "normal", photo = null }: AvatarProperties) {
  const [failed, setFailed] = useState<string | null>(null);

  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
  const hue = [...name].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0) % 6;
  if (photo && photo !== failed) {
    return <img className={`avatar avatar-${size}`} src={photo} alt="" width={160} height={160} loading="lazy" onError={() => setFailed(photo)} />;
  }
  return (
    <span className={`avatar avatar-${size} avatar-hue-${hue}`} aria-hidden>
      {initials}
    </span>
  );
}

/** Rerenders every second while somebody counts. */
function useTick(isCounting: boolean): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!isCounting) return;
    const timer = window.setInterval(() => setTick((tick) => tick + 1), 1000);
    return () => window.clearInterval(timer);
  }, [isCounting]);
}

/** Whether an instant is over by the server's clock; rerenders when it passes. Never is not over. */
export function useIsOver(instant: string | null): boolean {
  const [, passed] = useState(0);
  const left = instant === null ? Infinity : Date.parse(instant) - serverNow();
  useEffect(() => {
    if (left <= 0 || left > 2 ** 31 - 1) return;
    const timer = window.setTimeout(() => passed((count) => count + 1), left + 20);
    return () => window.clearTimeout(timer);
  });
  return left <= 0;
}

/** How long there is still time, by the server's clock. */
export function Countdown({ deadline }: { deadline: string }) {
  const { t } = useWords();
  const seconds = Math.max(0, Math.ceil((Date.parse(deadline) - serverNow()) / 1000));
  useTick(seconds > 0);
  if (seconds === 0) return <span className="countdown countdown-over">{t("countdown.over")}</span>;
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <span className={`countdown${seconds < 180 ? " countdown-short" : ""}`} role="timer">
      <Clock size={15} aria-hidden />
      <span>
        {time}
        <span className="countdown-words"> {t("countdown.left")}</span>
      </span>
    </span>
  );
}

export function Definition({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="definition">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
