import { useState } from "react";
import type { Profile } from "../api/types";
import { useWords } from "../app/AppContext";
import { Button, Choice, Field } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { useChangeProfile, useProfile } from "./queries";

export default function SettingsPage() {
  const { t } = useWords();
  const profile = useProfile();
  return (
    <div className="stack">
      <h1>{t("desk.settings.title")}</h1>
      <Answer query={profile}>
        {(present) => (
          <>
            <BankForm profile={present} />
            <ProfileForm profile={present} />
          </>
        )}
      </Answer>
    </div>
  );
}

function BankForm({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const change = useChangeProfile();
  const [bankName, setBankName] = useState("");
  const [accountNumber, setAccountNumber] = useState("");
  const [accountHolder, setAccountHolder] = useState("");
  const [isIncomplete, setIsIncomplete] = useState(false);
  const present = profile.bankDetails;

  function save() {
    const details = { bankName: bankName.trim(), accountNumber: accountNumber.trim(), accountHolder: accountHolder.trim() };
    const complete = Object.values(details).every(Boolean);
    setIsIncomplete(!complete);
    if (!complete) return;
    change.mutate(
      { bankDetails: details },
      {
        onSuccess: () => {
          toast(t("common.saved"), "good");
          setBankName("");
          setAccountNumber("");
          setAccountHolder("");
        },
      },
    );
  }

  return (
    <section className="card stack">
      <h2>{t("desk.settings.bank")}</h2>
      <p className="muted small">{t("desk.settings.bankText")}</p>
      <p className="notice">
        {present
          ? t("desk.settings.bankPresent", { bank: present.bankName, number: present.accountNumber, holder: present.accountHolder })
          : t("desk.settings.bankNone")}
      </p>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className="form-grid">
          <Field label={t("desk.settings.bankName")} value={bankName} onChange={setBankName} autoComplete="off" />
          <Field
            label={t("desk.settings.accountNumber")}
            value={accountNumber}
            onChange={setAccountNumber}
            inputMode="numeric"
            autoComplete="off"
          />
          <Field label={t("desk.settings.accountHolder")} value={accountHolder} onChange={setAccountHolder} autoComplete="off" />
        </div>
        {isIncomplete ? (
          <p className="field-problem" role="alert">
            {t("desk.settings.required")}
          </p>
        ) : null}
        <div className="row row-end">
          <Button type="submit" look="primary" busy={change.isPending}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function ProfileForm({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const change = useChangeProfile();
  const [name, setName] = useState(profile.name);
  const [language, setLanguage] = useState(profile.language);
  return (
    <section className="card stack">
      <h2>{t("desk.settings.profile")}</h2>
      <Field label={t("desk.settings.name")} value={name} onChange={setName} problem={name.trim() ? null : t("desk.settings.required")} />
      <Choice
        label={t("desk.settings.language")}
        value={language}
        onChange={(value) => setLanguage(value === "id" ? "id" : "en")}
        options={[
          { value: "id", label: "Bahasa Indonesia" },
          { value: "en", label: "English" },
        ]}
      />
      <div className="row row-end">
        <Button
          look="primary"
          busy={change.isPending}
          isDisabled={!name.trim()}
          onPress={() => change.mutate({ name: name.trim(), language }, { onSuccess: () => toast(t("common.saved"), "good") })}
        >
          {t("common.save")}
        </Button>
      </div>
    </section>
  );
}
