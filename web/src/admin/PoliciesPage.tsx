import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { allItems, answer } from "../api/client";
import type { Policy } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Definition } from "../ui/bits";
import { Button, Choice, Choices, Field, Switch } from "../ui/controls";
import { ReasonField } from "../ui/ReasonField";
import { plainLine, plainLines } from "../ui/plainText";
import { Sheet } from "../ui/Sheet";
import { Answer, Empty } from "../ui/states";
import { toast } from "../ui/toasts";
import { CancellationFields } from "./CancellationFields";
import { PolicyReplay } from "./PolicyReplay";
import {
  basisPoints,
  cancellationDraft,
  differences,
  DOCUMENT_KINDS,
  inWords,
  percentOf,
  readCancellation,
  RULE_NAMES,
  RULES,
  wholeNumber,
  type CancellationDraft,
  type RuleName,
  type Rules,
} from "./policyFields";

/** The rules of the marketplace: which hold, which held, and what changed. */
export default function PoliciesPage() {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  usePageTitle(t("policy.title"));
  const [isChanging, setIsChanging] = useState(false);
  const versions = useQuery({
    queryKey: ["admin", "policies"],
    queryFn: () => allItems((cursor) => answer(api.GET("/admin/policies", { params: { query: cursor ? { cursor } : {} } }))),
  });
  return (
    <div className="stack">
      <h1>{t("policy.title")}</h1>
      <p className="muted">{t("policy.text")}</p>
      <Answer query={versions} lines={6}>
        {({ items }) => {
          const sorted = [...items].sort((one, other) => other.version - one.version);
          const [present] = sorted;
          if (!present) return <Empty title={t("admin.detail.historyEmpty")} />;
          return (
            <>
              <section className="card stack">
                <div className="row row-between">
                  <h2>{t("policy.present", { version: String(present.version) })}</h2>
                  <Button look="primary" onPress={() => setIsChanging(true)}>
                    {t("policy.change")}
                  </Button>
                </div>
                <dl className="definitions policy-rules">
                  {([...RULE_NAMES, "cancellation", "requiredDocuments", "commissionAccount"] as const).map((name) => (
                    <Definition key={name} term={t(`policy.name.${name}`)}>
                      {inWords(words, name, present)}
                    </Definition>
                  ))}
                </dl>
              </section>
              <section className="card stack">
                <h2>{t("policy.versions")}</h2>
                <ol className="bare stack" reversed>
                  {sorted.map((version, index) => (
                    <VersionEntry key={version.version} version={version} before={sorted[index + 1]} />
                  ))}
                </ol>
              </section>
              {isChanging ? <PolicySheet present={present} onClose={() => setIsChanging(false)} /> : null}
            </>
          );
        }}
      </Answer>
    </div>
  );
}

function VersionEntry({ version, before }: { version: Policy; before: Policy | undefined }) {
  const words = useWords();
  const { t } = words;
  return (
    <li className="stack stack-tight" data-policy={version.version}>
      <strong>
        {t("policy.version", { version: String(version.version) })}
        {version.effectiveAt ? ` · ${words.dateTime(version.effectiveAt, "Asia/Jakarta")}` : ""}
      </strong>
      {before ? <Differences before={before} after={version} /> : <span className="muted">{t("policy.first")}</span>}
      {version.reason ? (
        <span className="small lines-kept">
          {t("common.reason")}: {version.reason} ({t("admin.detail.by", { actor: version.by })})
        </span>
      ) : null}
    </li>
  );
}

/** What one policy says otherwise than another, a sentence for each rule. */
function Differences({ before, after }: { before: Rules; after: Rules }) {
  const words = useWords();
  const { t } = words;
  const changed = differences(before, after);
  if (changed.length === 0) return <p className="muted">{t("policy.same")}</p>;
  return (
    <ul className="policy-differences">
      {changed.map((name) => (
        <li key={name}>
          {t("policy.difference", { what: t(`policy.name.${name}`), after: inWords(words, name, after), before: inWords(words, name, before) })}
        </li>
      ))}
    </ul>
  );
}

/** What stands in the form: texts as people write them. */
interface Draft extends CancellationDraft {
  texts: Record<RuleName, string>;
  documents: string[];
  hasAccount: boolean;
  account: { bankName: string; accountNumber: string; accountHolder: string };
}

function draftOf(policy: Policy): Draft {
  const texts = Object.fromEntries(
    RULE_NAMES.map((name) => {
      const value = policy[name];
      return [name, value === null ? "" : RULES[name].kind === "share" ? percentOf(Number(value)) : String(value)];
    }),
  ) as Record<RuleName, string>;
  return {
    texts,
    ...cancellationDraft(policy.cancellation),
    documents: [...policy.requiredDocuments],
    hasAccount: policy.commissionAccount !== null,
    account: policy.commissionAccount ?? { bankName: "", accountNumber: "", accountHolder: "" },
  };
}

/** What a draft says, with null for what cannot be meant, by the names of its parts. */
function read(draft: Draft): { rules: Rules; wrong: Set<string> } {
  const wrong = new Set<string>();
  const or = <Value,>(name: string, value: Value | null, otherwise: Value): Value => {
    if (value === null) wrong.add(name);
    return value ?? otherwise;
  };
  const values = Object.fromEntries(
    RULE_NAMES.map((name) => {
      const rule = RULES[name];
      const text = draft.texts[name];
      if (rule.kind === "switch") return [name, text === "true"];
      if (rule.kind === "choice") return [name, text];
      if (rule.kind === "share") return [name, or(name, basisPoints(text), 0)];
      if ("isOptional" in rule && text.trim() === "") return [name, null];
      return [name, or(name, wholeNumber(text, rule.least, rule.most), rule.least)];
    }),
  );
  const { bankName, accountNumber, accountHolder } = draft.account;
  const account = { bankName: plainLine(bankName), accountNumber: plainLine(accountNumber), accountHolder: plainLine(accountHolder) };
  if (draft.hasAccount && (!account.bankName || !account.accountHolder || !/^[0-9A-Za-z][0-9A-Za-z -]{3,33}$/.test(account.accountNumber))) {
    wrong.add("account");
  }
  const rules = {
    ...values,
    cancellation: readCancellation(draft, wrong),
    requiredDocuments: draft.documents,
    commissionAccount: draft.hasAccount ? account : null,
  } as Rules;
  return { rules, wrong };
}

function PolicySheet({ present, onClose }: { present: Policy; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(present));
  const [reason, setReason] = useState("");
  const [isReviewing, setIsReviewing] = useState(false);
  const [tried, setTried] = useState(false);
  const { rules, wrong } = read(draft);
  const changed = differences(present, rules);
  const save = useMutation({
    mutationFn: () => {
      return answer(api.POST("/admin/policies", { body: { ...(rulesOf(changed, rules) as object), reason: plainLines(reason) } }));
    },
    onSuccess: ({ version }) => {
      toast(t("policy.saved", { version: String(version) }), "good");
      onClose();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin", "policies"] }),
  });
  const isLacking = plainLines(reason) === "";
  const problemAt = (name: string) => (tried && wrong.has(name) ? t("book.invalid.other") : null);

  function goOn() {
    setTried(true);
    if (wrong.size === 0 && changed.length > 0) {
      setTried(false);
      setIsReviewing(true);
    }
  }

  if (isReviewing) {
    return (
      <Sheet title={t("policy.review")} onClose={onClose} page="review">
        <div className="stack">
          <p className="muted">{t("policy.reviewText")}</p>
          <Differences before={present} after={rules} />
          <PolicyReplay rules={rulesOf(changed, rules)} />
          <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
          {save.isError ? (
            <p className="notice notice-bad" role="alert">
              {problemText(words, save.error)}
            </p>
          ) : null}
          <div className="row row-end">
            <Button onPress={() => setIsReviewing(false)}>{t("common.back")}</Button>
            <Button
              look="primary"
              busy={save.isPending}
              onPress={() => {
                setTried(true);
                if (!isLacking) save.mutate();
              }}
            >
              {t("policy.apply")}
            </Button>
          </div>
        </div>
      </Sheet>
    );
  }
  return (
    <Sheet title={t("policy.change")} onClose={onClose} size="wide" page="form">
      <div className="stack">
        <div className="form-grid">
          {RULE_NAMES.map((name) => (
            <Rule
              key={name}
              name={name}
              value={draft.texts[name]}
              problem={problemAt(name)}
              onChange={(value) => setDraft({ ...draft, texts: { ...draft.texts, [name]: value } })}
            />
          ))}
        </div>
        <CancellationFields<Draft> draft={draft} onChange={setDraft} problemAt={problemAt} />
        <Choices
          label={t("policy.name.requiredDocuments")}
          values={draft.documents}
          onChange={(documents) => setDraft({ ...draft, documents })}
          options={DOCUMENT_KINDS.map((kind) => ({ value: kind, label: t(`document.${kind}`) }))}
        />
        <Account draft={draft} onChange={setDraft} problem={problemAt("account")} />
        {tried && wrong.size > 0 ? (
          <p className="field-problem" role="alert">
            {t("problem.validation_failed")}
          </p>
        ) : null}
        {tried && wrong.size === 0 && changed.length === 0 ? (
          <p className="notice" role="alert">
            {t("policy.same")}
          </p>
        ) : null}
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" onPress={goOn}>
            {t("common.continue")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

const rulesOf = (names: readonly (keyof Rules)[], rules: Rules) =>
  Object.fromEntries(names.map((name) => [name, rules[name]])) as Partial<Rules>;

interface RuleProperties {
  name: RuleName;
  value: string;
  problem: string | null;
  onChange(value: string): void;
}

function Rule({ name, value, problem, onChange }: RuleProperties) {
  const words = useWords();
  const { t } = words;
  const rule = RULES[name];
  const label = t(`policy.name.${name}`);
  if (rule.kind === "switch") return <Switch label={label} isOn={value === "true"} onChange={(isOn) => onChange(String(isOn))} />;
  if (rule.kind === "choice") {
    const options = rule.options.map((option) => {
      const key = `policy.${name}.${option}`;
      return { value: option as string, label: words.has(key) ? t(key) : option };
    });
    return <Choice label={label} value={value} onChange={onChange} options={options} />;
  }
  const unit = rule.kind === "share" ? "%" : t(`policy.in.${rule.unit}`);
  const hint = rule.kind === "count" && "isOptional" in rule ? { hint: t("policy.emptyIsNever") } : {};
  return <Field label={`${label} (${unit})`} inputMode="numeric" value={value} onChange={onChange} problem={problem} {...hint} />;
}

interface DraftProperties {
  draft: Draft;
  onChange(draft: Draft): void;
}

/** Where therapists pay their commission to. */
function Account({ draft, onChange, problem }: DraftProperties & { problem: string | null }) {
  const { t } = useWords();
  const set = (change: Partial<Draft["account"]>) => onChange({ ...draft, account: { ...draft.account, ...change } });
  return (
    <fieldset className="stack">
      <legend className="field-label">{t("policy.name.commissionAccount")}</legend>
      <Switch label={t("policy.hasAccount")} isOn={draft.hasAccount} onChange={(hasAccount) => onChange({ ...draft, hasAccount })} />
      {draft.hasAccount ? (
        <div className="form-grid">
          <Field label={t("desk.settings.bankName")} maxLength={100} value={draft.account.bankName} onChange={(bankName) => set({ bankName })} />
          <Field
            label={t("desk.settings.accountNumber")}
            maxLength={34}
            value={draft.account.accountNumber}
            onChange={(accountNumber) => set({ accountNumber })}
            problem={problem}
          />
          <Field
            label={t("desk.settings.accountHolder")}
            maxLength={255}
            value={draft.account.accountHolder}
            onChange={(accountHolder) => set({ accountHolder })}
          />
        </div>
      ) : null}
    </fieldset>
  );
}
