import { Heart, Search, Zap } from "lucide-react";
import { useEffect, useState } from "react";
import { ToggleButton, Toolbar } from "react-aria-components";
import { useWords } from "../app/AppContext";
import { whereAmI } from "../chat/position";
import { SelectChip, ToggleChip } from "../ui/controls";
import { plainLine } from "../ui/plainText";
import { toast } from "../ui/toasts";
import { AREAS } from "./areas";

/** What somebody looks for, as it stands in the address. */
export interface Wish {
  q: string;
  online: string;
  area: string;
  budget: string;
  rating: string;
  type: string;
  favourites: string;
}

export interface Place {
  latitude: number;
  longitude: number;
}

interface FindFiltersProperties {
  wish: Wish;
  onChange(wish: Wish): void;
  /** Where this device is, once it has told. */
  here: Place | null;
  onHere(place: Place | null): void;
  /** The prices between which there is a choice; null as long as there is none. */
  prices: { lowest: number; highest: number } | null;
  budget: number | null;
  hasFavourites: boolean;
}

/** A typed word, a slider: they ask for nothing while they move, in milliseconds. */
const SETTLES_AFTER = 250;
const BUDGET_STEP = 50_000;

/** Search and filters, in one row that slides on small screens. */
export function FindFilters({ wish, onChange, here, onHere, prices, budget, hasFavourites }: FindFiltersProperties) {
  const { t, money, locale } = useWords();
  const [showsPrice, setShowsPrice] = useState(false);
  const setOn = (name: keyof Wish) => (isOn: boolean) => onChange({ ...wish, [name]: isOn ? "yes" : "" });

  async function chooseArea(area: string) {
    if (area !== "here") {
      onHere(null);
      onChange({ ...wish, area });
      return;
    }
    try {
      onHere(await whereAmI());
      onChange({ ...wish, area: "" });
    } catch {
      toast(t("book.locationFailed"), "bad");
    }
  }

  return (
    <section className="filters" aria-label={t("find.filters")}>
      <SearchField words={wish.q} onChange={(q) => onChange({ ...wish, q })} />
      <Toolbar className="chips" aria-label={t("find.filters")}>
        <ToggleChip icon={<Zap size={16} aria-hidden />} isOn={wish.online === "yes"} onChange={setOn("online")}>
          {t("find.filter.online")}
        </ToggleChip>
        <SelectChip
          label={t("find.filter.area")}
          value={here ? "here" : wish.area}
          onChange={(area) => void chooseArea(area)}
          options={[
            { value: "", label: t("find.filter.anywhere") },
            { value: "here", label: t("find.filter.nearMe") },
            ...AREAS.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        {prices ? (
          <ToggleButton className="chip" isSelected={showsPrice || budget !== null} aria-expanded={showsPrice} onPress={() => setShowsPrice(!showsPrice)}>
            {budget === null ? t("find.filter.price") : t("find.filter.budgetUpTo", { price: money(budget) })}
          </ToggleButton>
        ) : null}
        <SelectChip
          label={t("find.filter.rating")}
          value={wish.rating}
          onChange={(rating) => onChange({ ...wish, rating })}
          options={[
            { value: "", label: t("find.filter.rating") },
            ...RATINGS.map((rating) => ({
              value: rating,
              label: t("find.filter.ratingFrom", { stars: new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).format(Number(rating)) }),
            })),
          ]}
        />
        <SelectChip
          label={t("find.filter.who")}
          value={wish.type}
          onChange={(type) => onChange({ ...wish, type })}
          options={[
            { value: "", label: t("find.filter.everyone") },
            { value: "therapist", label: t("find.filter.therapists") },
            { value: "place", label: t("find.filter.places") },
          ]}
        />
        {hasFavourites ? (
          <ToggleChip icon={<Heart size={16} aria-hidden />} isOn={wish.favourites === "yes"} onChange={setOn("favourites")}>
            {t("favourite.only")}
          </ToggleChip>
        ) : null}
      </Toolbar>
      {prices && showsPrice ? (
        <Budget {...prices} budget={budget} onChange={(price) => onChange({ ...wish, budget: price === null ? "" : String(price) })} />
      ) : null}
    </section>
  );
}

export const RATINGS: readonly string[] = ["4", "4.5"];

function SearchField({ words, onChange }: { words: string; onChange(words: string): void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState(words);
  const wanted = plainLine(typed);
  const [known, setKnown] = useState(words);
  // Changed from elsewhere, as by clearing all filters or going back.
  if (words !== known) {
    setKnown(words);
    if (words !== wanted) setTyped(words);
  }
  useEffect(() => {
    if (wanted === words) return;
    const timer = window.setTimeout(() => onChange(wanted), SETTLES_AFTER);
    return () => window.clearTimeout(timer);
  }, [wanted, words, onChange]);
  return (
    <form className="find-search" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search size={18} aria-hidden />
      <input
        className="input"
        type="search"
        enterKeyHint="search"
        aria-label={t("find.search")}
        placeholder={t("find.search")}
        maxLength={200}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </form>
  );
}

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
