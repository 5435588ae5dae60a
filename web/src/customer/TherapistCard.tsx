import { CalendarClock, Zap } from "lucide-react";
import { Link } from "wouter";
import type { Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { Avatar, PresenceBadge } from "../ui/bits";
import { Button } from "../ui/controls";
import { Rating } from "../ui/Stars";
import { availabilityOf } from "./availability";
import { localDate, lowestPrice, pricesOf, weekdayOf } from "./catalogue";
import { FavouriteButton } from "./favourites";
import type { BookingChoice } from "./choices";

interface TherapistCardProperties {
  therapist: Therapist;
  /** What the price slider allows; null for any price. */
  maximumPrice: number | null;
  onBook(choice: BookingChoice): void;
}

export function TherapistCard({ therapist, maximumPrice, onBook }: TherapistCardProperties) {
  const words = useWords();
  const { t, money } = words;
  return (
    <article className="card therapist-card">
      <header className="therapist-head">
        <Avatar name={therapist.name} size="large" />
        <div className="therapist-title">
          <h2>
            <Link href={`/t/${therapist.therapistId}`}>{therapist.name}</Link>
          </h2>
          <p className="therapist-line muted">
            {t(`type.${therapist.type}`)}
            <AvailabilityBadge therapist={therapist} />
            <Rating rating={therapist.rating} />
          </p>
        </div>
        <p className="therapist-price small muted">{t("find.from", { price: money(lowestPrice(therapist)) })}</p>
        <FavouriteButton therapistId={therapist.therapistId} name={therapist.name} />
      </header>
      <p className="muted small">
        {todaysHours(therapist, words)} · {t("find.speaks", { languages: therapist.languages.map(words.languageName).join(", ") })}
      </p>
      <Menu therapist={therapist} maximumPrice={maximumPrice} onBook={onBook} />
      <BookingButtons therapist={therapist} onBook={onBook} />
    </article>
  );
}

/** Whether somebody can come now, or from when on. */
export function AvailabilityBadge({ therapist }: { therapist: Therapist }) {
  const { t, time } = useWords();
  const { isAvailable, freeFrom } = availabilityOf(therapist);
  if (isAvailable || therapist.status !== "online") return <PresenceBadge status={therapist.status} />;
  return (
    <span className="presence presence-busy">
      <span className="presence-dot" aria-hidden />
      {freeFrom ? t("find.freeFrom", { time: time(freeFrom, therapist.timeZone) }) : t("find.taken")}
    </span>
  );
}

export function BookingButtons({
  therapist,
  onBook,
  source,
}: {
  therapist: Therapist;
  onBook(choice: BookingChoice): void;
  source?: "direct";
}) {
  const { t } = useWords();
  return (
    <div className="row therapist-actions">
      <Button
        look="primary"
        icon={<Zap size={18} aria-hidden />}
        isDisabled={!availabilityOf(therapist).isAvailable}
        aria-label={t("find.bookNowWith", { name: therapist.name })}
        onPress={() => onBook({ bookingType: "immediate", source: source ?? "bookingButton" })}
      >
        {t("find.bookNow")}
      </Button>
      <Button
        icon={<CalendarClock size={18} aria-hidden />}
        aria-label={t("find.scheduleWith", { name: therapist.name })}
        onPress={() => onBook({ bookingType: "scheduled", source: source ?? "scheduled" })}
      >
        {t("find.schedule")}
      </Button>
    </div>
  );
}

/** The prices to slide through; a tap books that service and duration. */
export function Menu({ therapist, maximumPrice, onBook }: TherapistCardProperties) {
  const { t, money } = useWords();
  const { isAvailable } = availabilityOf(therapist);
  return (
    <ul className="menu" aria-label={t("find.menuOf", { name: therapist.name })} tabIndex={0}>
      {therapist.menu.flatMap((item) =>
        pricesOf(item)
          .filter(({ price }) => maximumPrice === null || price <= maximumPrice)
          .map(({ duration, price }) => (
            <li key={`${item.serviceId} ${duration}`}>
              <button
                type="button"
                className="menu-item"
                onClick={() =>
                  onBook({
                    bookingType: isAvailable ? "immediate" : "scheduled",
                    source: maximumPrice === null ? "menuSlider" : "priceSlider",
                    serviceId: item.serviceId,
                    duration,
                  })
                }
              >
                <span className="menu-service">{item.name}</span>
                <span className="menu-duration">{t("common.minutesShort", { count: duration })}</span>
                <span className="menu-price">{money(price)}</span>
              </button>
            </li>
          )),
      )}
    </ul>
  );
}

function todaysHours(therapist: Therapist, { t }: ReturnType<typeof useWords>): string {
  const windows = therapist.openingHours[weekdayOf(localDate(therapist.timeZone))];
  if (windows.length === 0) return t("find.closedToday");
  return t("find.openToday", { hours: windows.map(({ opens, closes }) => `${opens}–${closes}`).join(", ") });
}
