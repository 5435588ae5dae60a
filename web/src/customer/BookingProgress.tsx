import { useWords } from "../app/AppContext";

export function BookingProgress({ step, of }: { step: number; of: number }) {
  const { t } = useWords();
  return (
    <div className="progress">
      <span className="small muted">{t("book.step", { step, of })}</span>
      <span className="progress-track" aria-hidden>
        {Array.from({ length: of }, (_, index) => (
          <span key={index} className={index < step ? "progress-part progress-done" : "progress-part"} />
        ))}
      </span>
    </div>
  );
}
