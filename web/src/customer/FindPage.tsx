import { BadgeCheck, MessageCircle, Timer } from "lucide-react";
import { useEffect, useState } from "react";
import type { Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { useFilters } from "../data/useFilters";
import { Choice, Switch } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { availabilityOf } from "./availability";
import { lowestPrice, useTherapists, type CatalogueFilter } from "./catalogue";
import { useFavourites } from "./favourites";
import { TherapistCard } from "./TherapistCard";
import { useBooking } from "./useBooking";
import "../styles/find.css";

const BUDGET_STEP = 50_000;
const KNOWN = { type: ["therapist", "place"], online: ["yes"], favourites: ["yes"] };

export function FindPage() {
  const { t } = useWords();
  usePageTitle(t("app.tagline"));
  const [asked, setAsked] = useFilters({ type: "", online: "", budget: "", favourites: "" }, KNOWN);
  const filter: CatalogueFilter = { type: asked.type as CatalogueFilter["type"], online: asked.online === "yes" };
  const budget = /^[1-9]\d{3,8}$/.test(asked.budget) ? Number(asked.budget) : null;
  const setFilter = (next: CatalogueFilter) => setAsked({ ...asked, type: next.type, online: next.online ? "yes" : "" });
  const { sheet, book } = useBooking();
  const favourites = useFavourites();
  const onlyFavourites = asked.favourites === "yes";
  const isAffordable = (therapist: Therapist) => budget === null || lowestPrice(therapist) <= budget;
  const therapists = useTherapists(
    filter,
    (therapist) =>
      isAffordable(therapist) &&
      (!onlyFavourites || favourites.has(therapist.therapistId)) &&
      (!filter.online || availabilityOf(therapist).isAvailable),
  );
  const shown = therapists.items;
  const lowest = Math.min(...therapists.all.map(lowestPrice));
  const highest = Math.max(...therapists.all.flatMap((therapist) => therapist.menu.flatMap((item) => Object.values(item.prices))));
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
          <Budget
            lowest={lowest}
            highest={highest}
            budget={budget}
            onChange={(price) => setAsked({ ...asked, budget: price === null ? "" : String(price) })}
          />
        ) : null}
        <Switch label={t("find.filter.online")} isOn={filter.online} onChange={(online) => setFilter({ ...filter, online })} />
        {favourites.size > 0 || onlyFavourites ? (
          <Switch
            label={t("favourite.only")}
            isOn={onlyFavourites}
            onChange={(isOn) => setAsked({ ...asked, favourites: isOn ? "yes" : "" })}
          />
        ) : null}
      </section>
      {therapists.all.length > 0 || shown.length > 0 ? (
        <p className="muted" role="status">
          {t("find.count", { count: shown.length })}
        </p>
      ) : null}
      <GrowingList list={therapists} lines={4} empty={<Empty title={t("find.empty.title")} text={t("find.empty.text")} />}>
        {(items) => (
          <ul className="therapists">
            {items.map((therapist) => (
              <li key={therapist.therapistId}>
                <TherapistCard
                  therapist={therapist}
                  maximumPrice={budget}
                  onBook={(choice) => book({ therapist, ...choice })}
                />
              </li>
            ))}
          </ul>
        )}
      </GrowingList>
      {sheet}
    </div>
  );
}

/** A slider asks for nothing while it moves. */
const SETTLES_AFTER = 250;

interface BudgetProperties {
  lowest: number;
  highest: number;
  /** The most a visit may cost; null for any price. */
  budget: number | null;
  onChange(budget: number | null): void;
}

function Budget({ lowest, highest, budget, onChange }: BudgetProperties) {
  const { t, money } = useWords();
  const [moving, setMoving] = useState<{ price: number | null } | null>(null);
  const shown = moving ? moving.price : budget;
  const inWords = shown === null ? t("find.filter.budgetAny") : t("find.filter.budgetUpTo", { price: money(shown) });
  useEffect(() => {
    if (!moving) return;
    const timer = window.setTimeout(() => {
      setMoving(null);
      onChange(moving.price);
    }, SETTLES_AFTER);
    return () => window.clearTimeout(timer);
  }, [moving, onChange]);
  return (
    <label className="field budget">
      <span className="field-label">
        {t("find.filter.budget")}
        <span className="budget-value" aria-hidden>
          {inWords}
        </span>
      </span>
      <input
        type="range"
        aria-valuetext={inWords}
        min={lowest}
        max={highest}
        step={BUDGET_STEP}
        value={shown ?? highest}
        onChange={(event) => {
          const value = Number(event.target.value);
          setMoving({ price: value >= highest ? null : value });
        }}
      />
    </label>
  );
}
