import { BadgeCheck, MapPin, Share2, Wallet } from "lucide-react";
import { useSearch } from "wouter";
import type { OpeningHours, Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { lazyPage } from "../app/recovery";
import { Avatar } from "../ui/bits";
import { Button } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { Rating } from "../ui/Stars";
import { areaAround } from "./areas";
import { useTherapist } from "./catalogue";
import { FavouriteButton } from "./favourites";
import { AvailabilityBadge, BookingButtons, Menu } from "./TherapistCard";
import { useBooking } from "./useBooking";
import { WeekTimes } from "./WeekTimes";
import "../styles/find.css";

const Reviews = lazyPage(async () => ({ default: (await import("../practice/Reviews")).Reviews }));

const DAYS: readonly (keyof OpeningHours)[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function TherapistPage({ therapistId }: { therapistId: string }) {
  const therapist = useTherapist(therapistId);
  return <Answer query={therapist}>{(found) => <Profile therapist={found} />}</Answer>;
}

function Profile({ therapist }: { therapist: Therapist }) {
  const words = useWords();
  const { t } = words;
  usePageTitle(therapist.name);
  const { sheet, book } = useBooking();
  const { biography: texts } = therapist;
  // In the reader's language, or else in the other.
  const biography = texts ? (texts[words.language] ?? texts.id ?? texts.en) : null;
  const wasShared = new URLSearchParams(useSearch()).has("shared");

  async function share() {
    const link = new URL(`/t/${therapist.therapistId}?shared`, window.location.origin);
    await navigator.clipboard.writeText(link.href);
    toast(t("find.shared"), "good");
  }

  return (
    <article className="profile stack">
      <header className="card profile-head">
        <Avatar name={therapist.name} size="portrait" photo={therapist.photoUrl} />
        <div className="profile-title">
          <h1>{therapist.name}</h1>
          <p className="muted">
            {t(`type.${therapist.type}`)} · {t("find.speaks", { languages: therapist.languages.map(words.languageName).join(", ") })}
          </p>
          <span className="row row-tight profile-marks">
            <Rating rating={therapist.rating} />
            <AvailabilityBadge therapist={therapist} />
          </span>
        </div>
        <div className="row row-tight">
          <FavouriteButton therapistId={therapist.therapistId} name={therapist.name} />
          <Button icon={<Share2 size={18} aria-hidden />} onPress={() => void share()}>
            {t("find.share")}
          </Button>
        </div>
        <Facts therapist={therapist} />
      </header>
      {biography ? (
        <section className="card">
          <h2>{t("practice.biography")}</h2>
          <p className="lines-kept">{biography}</p>
        </section>
      ) : null}
      <section className="card stack">
        <h2>{t("find.menu")}</h2>
        <Menu therapist={therapist} maximumPrice={null} onBook={(choice) => book({ therapist, ...choice })} />
        <BookingButtons
          therapist={therapist}
          onBook={(choice) => book({ therapist, ...choice })}
          {...(wasShared ? { source: "direct" as const } : {})}
        />
      </section>
      <WeekTimes therapist={therapist} onBook={(choice) => book({ therapist, ...choice })} />
      <section className="card">
        <h2>{t("find.hours")}</h2>
        <table className="hours">
          <tbody>
            {DAYS.map((day) => (
              <tr key={day}>
                <th scope="row">{t(`day.${day}`)}</th>
                <td>
                  {therapist.openingHours[day].map(({ opens, closes }) => `${opens}–${closes}`).join(", ") || t("find.closed")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="muted small">{t("book.timeZone", { zone: words.zoneName(therapist.timeZone) })}</p>
      </section>
      <Reviews therapistId={therapist.therapistId} />
      {sheet}
    </article>
  );
}

/** What speaks for somebody, and what is to be known before a booking. */
function Facts({ therapist }: { therapist: Therapist }) {
  const words = useWords();
  const { t, locale } = words;
  const { serviceArea, verifiedUntil, paymentMethods } = therapist;
  const area = serviceArea ? areaAround(serviceArea) : null;
  return (
    <ul className="profile-facts">
      {verifiedUntil ? (
        <li className="verified">
          <BadgeCheck size={18} aria-hidden />
          {t("find.verifiedUntil", { date: words.date(`${verifiedUntil}T12:00:00Z`, "UTC") })}
        </li>
      ) : null}
      {serviceArea && area ? (
        <li>
          <MapPin size={18} aria-hidden />
          {t("find.comesWithin", {
            distance: new Intl.NumberFormat(locale, { style: "unit", unit: "kilometer" }).format(serviceArea.radiusKm),
            area,
          })}
        </li>
      ) : null}
      {paymentMethods.length > 0 ? (
        <li>
          <Wallet size={18} aria-hidden />
          {t("find.pays", { methods: paymentMethods.map((method) => t(`practice.method.${method}`)).join(", ") })}
        </li>
      ) : null}
    </ul>
  );
}
