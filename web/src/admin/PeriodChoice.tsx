import { useWords } from "../app/AppContext";
import { localDate } from "../customer/catalogue";
import { Select } from "../ui/controls";

/** Admins count days as they are in Jakarta. */
const ZONE = "Asia/Jakarta";

interface Period {
  from: string;
  to: string;
}

/** The periods that people ask for again and again; a day is a date in Jakarta. */
function presets(): Record<"any" | "today" | "yesterday" | "week" | "month", Period> {
  const today = localDate(ZONE);
  const yesterday = localDate(ZONE, -1);
  return {
    any: { from: "", to: "" },
    today: { from: today, to: today },
    yesterday: { from: yesterday, to: yesterday },
    week: { from: localDate(ZONE, -6), to: today },
    month: { from: `${today.slice(0, 8)}01`, to: today },
  };
}

/** Chooses a usual period; any other one is chosen by its days. */
export function PeriodChoice({ from, to, onChange }: Period & { onChange(period: Period): void }) {
  const { t } = useWords();
  const known = presets();
  const names = Object.keys(known) as (keyof typeof known)[];
  const present = names.find((name) => known[name].from === from && known[name].to === to) ?? "own";
  return (
    <Select
      label={t("admin.bookings.period")}
      value={present}
      onChange={(name) => name !== "own" && onChange(known[name])}
      options={[
        ...names.map((name) => ({ value: name, label: t(`admin.period.${name}`) })),
        ...(present === "own" ? [{ value: "own" as const, label: t("admin.period.own") }] : []),
      ]}
    />
  );
}
