import { useMemo } from "react";
import { useWords } from "../app/AppContext";
import { Field } from "../ui/controls";
import { asCalled, regionOf, REGIONS } from "./telephone";

interface PhoneFieldProperties {
  label: string;
  hint: string;
  value: string;
  /** Where a number without a plus is from (ISO 3166). */
  region: string;
  onChange(value: string): void;
  onRegion(region: string): void;
  onBlur?: () => void;
  problem: string | null;
}

/** A telephone number with its country, and the number as it will be called. */
export function PhoneField({ label, hint, value, region, onChange, onRegion, onBlur, problem }: PhoneFieldProperties) {
  const { t, locale } = useWords();
  // A number with a plus says itself where it is from.
  const said = regionOf(value);
  const called = asCalled(value, region);
  const countries = useMemo(() => {
    const names = new Intl.DisplayNames(locale, { type: "region" });
    return [...REGIONS]
      .map(([id, { code }]) => ({ id, name: names.of(id) ?? id, code }))
      .sort((one, other) => one.name.localeCompare(other.name, locale));
  }, [locale]);
  return (
    <div className="phone">
      <select
        className="input phone-country"
        aria-label={t("book.country")}
        autoComplete="tel-country-code"
        value={said ?? region}
        disabled={said !== null}
        onChange={(event) => onRegion(event.target.value)}
      >
        {countries.map(({ id, name, code }) => (
          <option key={id} value={id}>{`+${code} ${name}`}</option>
        ))}
      </select>
      <Field
        label={label}
        hint={called ? t("book.whatsAppCalled", { number: called }) : hint}
        name="tel"
        type="tel"
        inputMode="tel"
        autoComplete="tel"
        required
        value={value}
        onChange={onChange}
        {...(onBlur ? { onBlur } : {})}
        problem={problem}
      />
    </div>
  );
}
