import { Tag, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { BookingType, Duration, Quote, Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { Button, Choice, Field } from "../ui/controls";
import { plainLine } from "../ui/plainText";
import { pricesOf } from "./catalogue";
import type { Choices } from "./choices";
import { TimeChoice } from "./TimeChoice";

interface ChooseStepProperties {
  therapist: Therapist;
  bookingType: BookingType;
  choices: Choices;
  onChange(choices: Choices): void;
  /** A discount code that the server has just refused. */
  refusedCode: string | null;
  quote: Quote | undefined;
  quoteProblem: string | null;
  isPricing: boolean;
  summary: ReactNode;
  onContinue(): void;
}

export function ChooseStep(properties: ChooseStepProperties) {
  const { therapist, bookingType, choices, onChange, refusedCode, quote, quoteProblem, isPricing, summary, onContinue } = properties;
  const { t, money } = useWords();
  const [timeMissing, setTimeMissing] = useState(false);
  const service = therapist.menu.find((item) => item.serviceId === choices.serviceId);
  const prices = service ? pricesOf(service) : [];

  function changeService(serviceId: string) {
    const next = therapist.menu.find((item) => item.serviceId === serviceId);
    const durations = next ? pricesOf(next).map(({ duration }) => duration) : [];
    const duration = durations.includes(choices.duration) ? choices.duration : (durations[0] ?? choices.duration);
    onChange({ ...choices, serviceId, duration });
  }

  function proceed() {
    if (bookingType === "scheduled" && !choices.scheduledTime) setTimeMissing(true);
    else onContinue();
  }

  return (
    <div className="stack">
      {therapist.menu.length > 1 ? (
        <Choice
          label={t("book.service")}
          value={choices.serviceId}
          onChange={changeService}
          options={therapist.menu.map((item) => ({ value: item.serviceId, label: item.name }))}
        />
      ) : null}
      <Choice
        label={t("book.duration")}
        look="cards"
        value={String(choices.duration)}
        onChange={(value) => onChange({ ...choices, duration: Number(value) as Duration, scheduledTime: null })}
        options={prices.map(({ duration, price }) => ({
          value: String(duration),
          label: (
            <>
              <strong>{t("common.minutes", { count: duration })}</strong>
              <span className="muted">{money(price)}</span>
            </>
          ),
        }))}
      />
      {bookingType === "scheduled" ? (
        <TimeChoice
          therapist={therapist}
          duration={choices.duration}
          value={choices.scheduledTime}
          problem={timeMissing && !choices.scheduledTime ? t("book.chooseTime") : null}
          onChange={(scheduledTime) => onChange({ ...choices, scheduledTime })}
        />
      ) : null}
      <DiscountCode
        applied={choices.discountCode}
        refused={refusedCode}
        onApply={(discountCode) => onChange({ ...choices, discountCode })}
      />
      <div className="sheet-foot">
        {summary}
        <div className="price-box" aria-live="polite">
          {quoteProblem ? <p className="field-problem">{quoteProblem}</p> : null}
          {quote ? (
            <dl className={isPricing ? "price-lines price-lines-old" : "price-lines"}>
              {quote.discount > 0 ? (
                <>
                  <PriceLine term={t("book.listPrice")} amount={money(quote.listPrice)} />
                  <PriceLine term={t("book.discount")} amount={`−${money(quote.discount)}`} />
                </>
              ) : null}
              <PriceLine term={t("book.total")} amount={money(quote.price)} isTotal />
            </dl>
          ) : quoteProblem ? null : (
            <p className="muted">{t("book.pricing")}</p>
          )}
          {quote && quote.discount > 0 ? (
            <p className="good small">{t("book.discountApplied", { amount: money(quote.discount) })}</p>
          ) : null}
        </div>
        <Button look="primary" size="large" onPress={proceed}>
          {t("common.continue")}
        </Button>
      </div>
    </div>
  );
}

function PriceLine({ term, amount, isTotal = false }: { term: string; amount: string; isTotal?: boolean }) {
  return (
    <div className={isTotal ? "price-line price-total" : "price-line"}>
      <dt>{term}</dt>
      <dd>{amount}</dd>
    </div>
  );
}

interface DiscountCodeProperties {
  applied: string;
  refused: string | null;
  onApply(code: string): void;
}

function DiscountCode({ applied, refused, onApply }: DiscountCodeProperties) {
  const { t } = useWords();
  const [code, setCode] = useState(applied);
  return (
    <form
      className="discount"
      onSubmit={(event) => {
        event.preventDefault();
        onApply(plainLine(code).replace(/\s/g, "").toUpperCase());
      }}
    >
      <Field
        label={t("book.discountCode")}
        value={code}
        onChange={setCode}
        autoComplete="off"
        autoCapitalize="characters"
        maxLength={64}
        problem={refused ? t("book.discountRefused", { code: refused }) : null}
      />
      {applied ? (
        <Button
          icon={<X size={16} aria-hidden />}
          onPress={() => {
            setCode("");
            onApply("");
          }}
        >
          {t("book.removeDiscount")}
        </Button>
      ) : (
        <Button type="submit" icon={<Tag size={16} aria-hidden />}>
          {t("book.applyDiscount")}
        </Button>
      )}
    </form>
  );
}
