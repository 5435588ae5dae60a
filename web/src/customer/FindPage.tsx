import { BadgeCheck, MessageCircle, Timer } from "lucide-react";
import { useState } from "react";
import type { ListedTherapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { useFilters } from "../data/useFilters";
import { Button } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { AREAS } from "./areas";
import { availabilityOf } from "./availability";
import { comesTo, lowestPrice, useTherapists } from "./catalogue";
import { useFavourites } from "./favourites";
import { FindFilters, RATINGS, type Place, type Wish } from "./FindFilters";
import { TherapistCard } from "./TherapistCard";
import { useBooking } from "./useBooking";
import "../styles/find.css";

const NO_WISH: Wish = { q: "", online: "", area: "", budget: "", rating: "", type: "", favourites: "" };
const KNOWN = {
  type: ["therapist", "place"],
  online: ["yes"],
  favourites: ["yes"],
  rating: RATINGS,
  area: AREAS.map(({ id }) => id),
};

export function FindPage() {
  const { t } = useWords();
  usePageTitle(t("app.tagline"));
  const [wish, setWish] = useFilters<Wish & Record<string, string>>({ ...NO_WISH }, KNOWN);
  const [here, setHere] = useState<Place | null>(null);
  const near = here ?? AREAS.find(({ id }) => id === wish.area) ?? null;
  const budget = /^[1-9]\d{3,8}$/.test(wish.budget) ? Number(wish.budget) : null;
  const { sheet, book } = useBooking();
  const favourites = useFavourites();
  const onlyFavourites = wish.favourites === "yes";
  const isWanted = (therapist: ListedTherapist) =>
    (budget === null || lowestPrice(therapist) <= budget) &&
    (wish.rating === "" || (therapist.rating?.average ?? 0) >= Number(wish.rating)) &&
    (near === null || comesTo(therapist)) &&
    (!onlyFavourites || favourites.has(therapist.therapistId)) &&
    (wish.online === "" || availabilityOf(therapist).isAvailable);
  const therapists = useTherapists(
    { type: wish.type as "" | "therapist" | "place", online: wish.online === "yes", q: wish.q, near },
    isWanted,
  );
  const shown = therapists.items;
  const lowest = Math.min(...therapists.all.map(lowestPrice));
  const highest = Math.max(...therapists.all.flatMap((therapist) => therapist.menu.flatMap((item) => Object.values(item.prices))));
  const isNarrowed = here !== null || Object.values(wish).some((value) => value !== "");
  const clear = () => {
    setHere(null);
    setWish({ ...NO_WISH });
  };

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
      <FindFilters
        wish={wish}
        onChange={setWish}
        here={here}
        onHere={setHere}
        prices={Number.isFinite(lowest) && highest > lowest ? { lowest, highest } : null}
        budget={budget}
        hasFavourites={favourites.size > 0 || onlyFavourites}
      />
      {therapists.all.length > 0 || shown.length > 0 ? (
        <p className="find-count muted" role="status">
          {t("find.count", { count: shown.length })}
        </p>
      ) : null}
      <GrowingList
        list={therapists}
        lines={4}
        empty={
          <Empty title={t("find.empty.title")} text={t("find.empty.text")}>
            {isNarrowed ? <Button onPress={clear}>{t("find.clear")}</Button> : null}
          </Empty>
        }
      >
        {(items) => (
          <ul className="therapists">
            {items.map((therapist) => (
              <li key={therapist.therapistId}>
                <TherapistCard therapist={therapist} maximumPrice={budget} onBook={(choice) => book({ therapist, ...choice })} />
              </li>
            ))}
          </ul>
        )}
      </GrowingList>
      {sheet}
    </div>
  );
}
