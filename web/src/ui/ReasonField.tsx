import { useWords } from "../app/AppContext";
import { Field } from "./controls";
import { LONGEST_REASON } from "./limits";

/** Why somebody does something that they must give a reason for. */
export function ReasonField({ value, onChange, isMissing }: { value: string; onChange(value: string): void; isMissing: boolean }) {
  const { t } = useWords();
  return (
    <Field
      label={t("common.reason")}
      rows={2}
      maxLength={LONGEST_REASON}
      value={value}
      onChange={onChange}
      required
      problem={isMissing ? t("common.reasonRequired") : null}
    />
  );
}
