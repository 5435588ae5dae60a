import { useWords } from "../app/AppContext";

/** Names the text below; another text is another version, and bookings bear the one that was shown. */
export const CONSENT_VERSION = "2026-12";

const PURPOSES = ["booking", "contact", "safety", "books"] as const;

/** What personal data is used for, and how long it is kept. */
export function Purposes() {
  const { t } = useWords();
  return (
    <ul className="purposes">
      {PURPOSES.map((purpose) => (
        <li key={purpose}>{t(`data.purpose.${purpose}`)}</li>
      ))}
    </ul>
  );
}
