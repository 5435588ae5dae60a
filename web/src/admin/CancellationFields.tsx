import { Plus, Trash2 } from "lucide-react";
import { useWords } from "../app/AppContext";
import { Button, Field, IconButton } from "../ui/controls";
import type { CancellationDraft } from "./policyFields";

interface CancellationProperties<Draft extends CancellationDraft> {
  draft: Draft;
  onChange(draft: Draft): void;
  problemAt(name: string): string | null;
}

/** What cancelling costs a customer: from far before the visit to its beginning. */
export function CancellationFields<Draft extends CancellationDraft>({ draft, onChange, problemAt }: CancellationProperties<Draft>) {
  const { t } = useWords();
  const setTier = (index: number, change: Partial<CancellationDraft["tiers"][number]>) =>
    onChange({ ...draft, tiers: draft.tiers.map((tier, at) => (at === index ? { ...tier, ...change } : tier)) });
  return (
    <fieldset className="stack">
      <legend className="field-label">{t("policy.name.cancellation")}</legend>
      <Field
        label={t("policy.graceLabel")}
        inputMode="numeric"
        value={draft.grace}
        onChange={(grace) => onChange({ ...draft, grace })}
        problem={problemAt("grace")}
      />
      {draft.tiers.map((tier, index) => (
        <div key={index} className="row row-bottom">
          <Field
            label={t("policy.hoursBefore")}
            inputMode="numeric"
            value={tier.hours}
            onChange={(hours) => setTier(index, { hours })}
            problem={problemAt(`tier.${index}`)}
          />
          <Field label={t("policy.fee")} inputMode="numeric" value={tier.fee} onChange={(fee) => setTier(index, { fee })} />
          {draft.tiers.length > 1 ? (
            <IconButton
              label={t("policy.removeTier", { number: String(index + 1) })}
              icon={<Trash2 size={18} aria-hidden />}
              onPress={() => onChange({ ...draft, tiers: draft.tiers.filter((_, at) => at !== index) })}
            />
          ) : null}
        </div>
      ))}
      {problemAt("tiers") ? <p className="field-problem">{t("policy.tiersOrder")}</p> : null}
      {draft.tiers.length < 10 ? (
        <div>
          <Button
            size="small"
            icon={<Plus size={16} aria-hidden />}
            onPress={() => onChange({ ...draft, tiers: [{ hours: "", fee: "0" }, ...draft.tiers] })}
          >
            {t("policy.addTier")}
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}
