import { Star } from "lucide-react";
import { useWords } from "../app/AppContext";

/** A rating as an average of so many; nothing without any. */
export function Rating({ rating }: { rating: { average: number; count: number } | null }) {
  const { t, locale } = useWords();
  if (!rating) return null;
  const average = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(rating.average);
  return (
    <span className="rating">
      <Star size={15} aria-hidden className="star-full" />
      <span aria-hidden>
        {average} ({rating.count})
      </span>
      <span className="visually-hidden">{t("review.average", { average, count: rating.count })}</span>
    </span>
  );
}

/** So many of five stars. */
export function Stars({ count }: { count: number }) {
  const { t } = useWords();
  return (
    <span className="rating" role="img" aria-label={t("review.stars", { count })}>
      {[1, 2, 3, 4, 5].map((star) => (
        <Star key={star} size={16} aria-hidden className={star <= count ? "star-full" : "star-empty"} />
      ))}
    </span>
  );
}
