import { BadgeCheck, CalendarClock, MapPin, Zap } from "lucide-react";
import { Link } from "wouter";
import type { ListedTherapist, MenuItem, Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { Avatar, PresenceBadge } from "../ui/bits";
import { Button } from "../ui/controls";
import { Rating } from "../ui/Stars";
import { areaAround } from "./areas";
import { availabilityOf } from "./availability";
import { lowestPrice, pricesOf } from "./catalogue";
import { FavouriteButton } from "./favourites";
import type { BookingChoice } from "./choices";

interface TherapistCardProperties {
  therapist: Therapist;
  /** What the price slider allows; null for any price. */
  maximumPrice: number | null;
  onBook(choice: BookingChoice): void;
}

/** So many services stand on a card; all of them on the therapist's own page. */
const SERVICES_SHOWN = 2;

export function TherapistCard({ therapist, maximumPrice, onBook }: TherapistCardProperties & { therapist: ListedTherapist }) {
  const { t, money } = useWords();
  return (
    <article className="card therapist-card">
      <header className="therapist-head">
        <Avatar name={therapist.name} size="large" photo={therapist.photoUrl} />
        <div className="therapist-title">
          <h2>
            <Link href={`/t/${therapist.therapistId}`}>{therapist.name}</Link>
          </h2>
          <p className="therapist-line">
            <Rating rating={therapist.rating} />
            <AvailabilityBadge therapist={therapist} />
          </p>
          <p className="therapist-line muted">
            <Whereabouts therapist={therapist} />
            {therapist.verifiedUntil ? <Verified /> : null}
          </p>
        </div>
        <FavouriteButton therapistId={therapist.therapistId} name={therapist.name} />
      </header>
      <Menu therapist={therapist} maximumPrice={maximumPrice} onBook={onBook} most={SERVICES_SHOWN} />
      <div className="therapist-foot">
        <p className="therapist-price">{t("find.from", { price: money(lowestPrice(therapist)) })}</p>
        <BookingButtons therapist={therapist} onBook={onBook} />
      </div>
    </article>
  );
}

/** The kind of therapist, and where they come to, as far as that is known. */
function Whereabouts({ therapist }: { therapist: ListedTherapist }) {
  const { t, locale } = useWords();
  const { serviceArea, distanceKm } = therapist;
  const area = serviceArea ? areaAround(serviceArea) : null;
  const distance = distanceKm === null ? null : new Intl.NumberFormat(locale, { style: "unit", unit: "kilometer", maximumFractionDigits: 1 }).format(distanceKm);
  const place = [area, distance].filter(Boolean).join(", ");
  return (
    <>
      <span>{t(`type.${therapist.type}`)}</span>
      {place ? (
        <span className="with-icon">
          <MapPin size={15} aria-hidden />
          {place}
        </span>
      ) : null}
    </>
  );
}

/** Says that somebody's papers were checked and hold. */
export function Verified() {
  const { t } = useWords();
  return (
    <span className="with-icon verified">
      <BadgeCheck size={15} aria-hidden />
      {t("find.verified")}
    </span>
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

/** Each service once, with its durations; a tap books that service and duration. */
export function Menu({ therapist, maximumPrice, onBook, most = Infinity }: TherapistCardProperties & { most?: number }) {
  const { t } = useWords();
  const affordable = therapist.menu.filter((item) => pricesWithin(item, maximumPrice).length > 0);
  const shown = affordable.slice(0, most);
  return (
    <ul className="menu" aria-label={t("find.menuOf", { name: therapist.name })}>
      {shown.map((item) => (
        <li key={item.serviceId} className="menu-service">
          <span className="menu-name">{item.name}</span>
          <Durations therapist={therapist} item={item} maximumPrice={maximumPrice} onBook={onBook} />
        </li>
      ))}
      {affordable.length > shown.length ? (
        <li>
          <Link href={`/t/${therapist.therapistId}`}>{t("find.moreServices", { count: affordable.length - shown.length })}</Link>
        </li>
      ) : null}
    </ul>
  );
}

const pricesWithin = (item: MenuItem, maximumPrice: number | null) =>
  pricesOf(item).filter(({ price }) => maximumPrice === null || price <= maximumPrice);

function Durations({ therapist, item, maximumPrice, onBook }: TherapistCardProperties & { item: MenuItem }) {
  const { t, money } = useWords();
  const { isAvailable } = availabilityOf(therapist);
  return (
    <span className="menu-durations">
      {pricesWithin(item, maximumPrice).map(({ duration, price }) => {
        const written = `${t("common.minutesShort", { count: duration })} ${money(price)}`;
        return (
          <button
            key={duration}
            type="button"
            className="menu-item"
            aria-label={`${item.name} ${written}`}
            onClick={() =>
              onBook({
                bookingType: isAvailable ? "immediate" : "scheduled",
                source: maximumPrice === null ? "menuSlider" : "priceSlider",
                serviceId: item.serviceId,
                duration,
              })
            }
          >
            <span className="menu-duration">{t("common.minutesShort", { count: duration })}</span>{" "}
            <span className="menu-price">{money(price)}</span>
          </button>
        );
      })}
    </span>
  );
}
