import { BadgeCheck, MessageCircle, Timer } from "lucide-react";
import { useState } from "react";
import { useWords } from "../app/AppContext";
import { Button, Choice, Switch } from "../ui/controls";
import { Empty, Failure, Loading } from "../ui/states";
import { lowestPrice, useTherapists, type CatalogueFilter } from "./catalogue";
import { BookingSheet } from "./BookingSheet";
import type { BookingStart } from "./choices";
import { TherapistCard } from "./TherapistCard";
import "../styles/find.css";

const BUDGET_STEP = 50_000;

export function FindPage() {
  const { t, money } = useWords();
  const [filter, setFilter] = useState<CatalogueFilter>({ type: "", online: false });
  const [budget, setBudget] = useState<number | null>(null);
  const [start, setStart] = useState<BookingStart | null>(null);
  const therapists = useTherapists(filter);
  const all = therapists.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = budget === null ? all : all.filter((therapist) => lowestPrice(therapist) <= budget);
  const lowest = Math.min(...all.map(lowestPrice));
  const highest = Math.max(...all.flatMap((therapist) => therapist.menu.flatMap((item) => Object.values(item.prices))));
  const hasRange = Number.isFinite(lowest) && highest > lowest;

  return (
    <div className="find">
      <section className="hero">
        <h1>{t("find.title")}</h1>
        <p>{t("find.intro")}</p>
        <ul className="facts">
          <li>
            <BadgeCheck size={18} aria-hidden />
            {t("find.fact.price")}
          </li>
          <li>
            <Timer size={18} aria-hidden />
            {t("find.fact.answer")}
          </li>
          <li>
            <MessageCircle size={18} aria-hidden />
            {t("find.fact.chat")}
          </li>
        </ul>
      </section>
      <section className="filters card" aria-label={t("app.nav.find")}>
        <Choice
          label={t("find.filter.who")}
          value={filter.type || "all"}
          onChange={(value) => setFilter({ ...filter, type: value === "all" ? "" : value })}
          options={[
            { value: "all", label: t("find.filter.everyone") },
            { value: "therapist", label: t("find.filter.therapists") },
            { value: "place", label: t("find.filter.places") },
          ]}
        />
        {hasRange ? (
          <label className="field budget">
            <span className="field-label">
              {t("find.filter.budget")}
              <span className="budget-value">
                {budget === null ? t("find.filter.budgetAny") : t("find.filter.budgetUpTo", { price: money(budget) })}
              </span>
            </span>
            <input
              type="range"
              min={lowest}
              max={highest}
              step={BUDGET_STEP}
              value={budget ?? highest}
              onChange={(event) => {
                const value = Number(event.target.value);
                setBudget(value >= highest ? null : value);
              }}
            />
          </label>
        ) : null}
        <Switch label={t("find.filter.online")} isOn={filter.online} onChange={(online) => setFilter({ ...filter, online })} />
      </section>
      {therapists.isPending ? <Loading lines={4} /> : null}
      {therapists.isError && all.length === 0 ? (
        <Failure failure={therapists.error} onRetry={() => void therapists.refetch()} />
      ) : null}
      {therapists.data ? (
        <p className="muted" role="status">
          {t("find.count", { count: shown.length })}
        </p>
      ) : null}
      {therapists.data && shown.length === 0 ? <Empty title={t("find.empty.title")} text={t("find.empty.text")} /> : null}
      <ul className="therapists">
        {shown.map((therapist) => (
          <li key={therapist.therapistId}>
            <TherapistCard
              therapist={therapist}
              maximumPrice={budget}
              onBook={(choice) => setStart({ therapist, ...choice })}
            />
          </li>
        ))}
      </ul>
      {therapists.hasNextPage ? (
        <Button busy={therapists.isFetchingNextPage} onPress={() => void therapists.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
      {start ? <BookingSheet start={start} onClose={() => setStart(null)} /> : null}
    </div>
  );
}
