import { useState } from "react";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { Field, Switch } from "../ui/controls";
import { CancellationFields } from "./CancellationFields";
import { PolicyReplay } from "./PolicyReplay";
import { basisPoints, readCancellation, type CancellationDraft, type Rules } from "./policyFields";

const SHARES = ["commissionRateBps", "noShowFeeBps"] as const;

interface Draft extends CancellationDraft {
  shares: Record<(typeof SHARES)[number], string>;
  /** Whether other rules of cancelling are tried out. */
  hasCancellation: boolean;
}

const NOTHING: Draft = {
  shares: { commissionRateBps: "", noShowFeeBps: "" },
  hasCancellation: false,
  grace: "10",
  tiers: [{ hours: "0", fee: "0" }],
};

/** The rules that a draft gives: what is empty stays as it is. */
function read(draft: Draft): { rules: Partial<Rules>; wrong: Set<string> } {
  const wrong = new Set<string>();
  const rules: Partial<Rules> = {};
  for (const name of SHARES) {
    if (draft.shares[name].trim() === "") continue;
    const share = basisPoints(draft.shares[name]);
    if (share === null) wrong.add(name);
    else rules[name] = share;
  }
  if (draft.hasCancellation) rules.cancellation = readCancellation(draft, wrong);
  return { rules, wrong };
}

/** For those who may not change the rules: what others would have brought in the last days. */
export default function PolicyTrialPage() {
  const { t } = useWords();
  usePageTitle(t("policy.trial"));
  const [draft, setDraft] = useState(NOTHING);
  const { rules, wrong } = read(draft);
  const isEmpty = Object.keys(rules).length === 0;
  const problemAt = (name: string) => (wrong.has(name) ? t("book.invalid.other") : null);
  return (
    <div className="stack">
      <h1>{t("policy.trial")}</h1>
      <p className="muted">{t("policy.trialText")}</p>
      <section className="card stack">
        <div className="form-grid">
          {SHARES.map((name) => (
            <Field
              key={name}
              label={`${t(`policy.name.${name}`)} (%)`}
              hint={t("policy.emptyStays")}
              inputMode="numeric"
              value={draft.shares[name]}
              onChange={(value) => setDraft({ ...draft, shares: { ...draft.shares, [name]: value } })}
              problem={problemAt(name)}
            />
          ))}
        </div>
        <Switch
          label={t("policy.trialCancellation")}
          isOn={draft.hasCancellation}
          onChange={(hasCancellation) => setDraft({ ...draft, hasCancellation })}
        />
        {draft.hasCancellation ? <CancellationFields<Draft> draft={draft} onChange={setDraft} problemAt={problemAt} /> : null}
      </section>
      {isEmpty || wrong.size > 0 ? (
        <p className="notice">{t("policy.trialEmpty")}</p>
      ) : (
        // What was found holds for these very rules.
        <PolicyReplay key={JSON.stringify(rules)} rules={rules} />
      )}
    </div>
  );
}
