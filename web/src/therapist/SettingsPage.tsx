import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "../api/problem";
import type { Profile } from "../api/types";
import { problemText, useApp, useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Preferences } from "../app/Preferences";
import { changedParts } from "../data/changedParts";
import { PracticeFields, practiceOf, readPractice } from "../practice/PracticeFields";
import { Reviews } from "../practice/Reviews";
import { isPhoneNumber, plainNumber } from "../customer/visitorForm";
import { plainLine } from "../ui/plainText";
import { Button, Choice, Choices, Field } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { useUnsaved } from "../ui/useUnsaved";
import { PapersSection, PhotoSection } from "./Papers";
import { useChangeProfile, useProfile } from "./queries";

export default function SettingsPage() {
  const { t } = useWords();
  usePageTitle(t("desk.settings.title"));
  const profile = useProfile();
  const { identity } = useLive();
  return (
    <div className="stack">
      <h1>{t("desk.settings.title")}</h1>
      <Answer query={profile}>
        {(present) => (
          <>
            <BankForm profile={present} />
            <ProfileForm profile={present} />
            <PhotoSection />
            <PracticeForm profile={present} />
            <PapersSection timeZone={present.timeZone} />
          </>
        )}
      </Answer>
      <Preferences />
      <Reviews therapistId={identity.userId} canReply />
    </div>
  );
}

/** How the therapist works: what customers read, time around visits, area and ways to pay. */
function PracticeForm({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const change = useChangeProfile();
  const [draft, setDraft] = useState(() => practiceOf(profile));
  const [tried, setTried] = useState(false);
  const { part, wrong } = readPractice(draft);
  const changes = changedParts(profile, part);
  const isChanged = wrong.size > 0 || Object.keys(changes).length > 0;
  const unsaved = useUnsaved(isChanged);
  return (
    <>
      <PracticeFields draft={draft} wrong={tried ? wrong : NOTHING} onChange={setDraft} />
      {tried && wrong.size > 0 ? (
        <p className="notice notice-bad" role="alert">
          {t("problem.validation_failed")}
        </p>
      ) : null}
      <div className="row row-end">
        <Button
          look="primary"
          size="large"
          busy={change.isPending}
          onPress={() => {
            setTried(true);
            if (!isChanged) toast(t("common.nothingChanged"));
            else if (wrong.size === 0) change.mutate(changes, { onSuccess: () => toast(t("common.saved"), "good") });
          }}
        >
          {t("practice.save")}
        </Button>
      </div>
      {unsaved}
    </>
  );
}

const NOTHING: ReadonlySet<string> = new Set();

/** As Indonesian banks number their accounts. */
const ACCOUNT_NUMBER = /^\d{6,20}$/;

function BankForm({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const sayProblem = useProblemToast();
  const [bankName, setBankName] = useState("");
  const [accountNumber, setAccountNumber] = useState("");
  const [accountHolder, setAccountHolder] = useState("");
  const [isIncomplete, setIsIncomplete] = useState(false);
  const [isWrongAccount, setIsWrongAccount] = useState(false);
  const unsaved = useUnsaved([bankName, accountNumber, accountHolder].some((text) => text !== ""));
  const [isConfirming, setIsConfirming] = useState(false);
  const change = useChangeProfile((failure) => {
    // The sign-in is too long ago for a change of where the money goes.
    if (problemOf(failure).status === 401) setIsConfirming(true);
    else sayProblem(failure);
  });
  const present = profile.bankDetails;

  function save() {
    const details = { bankName: plainLine(bankName), accountNumber: plainLine(accountNumber), accountHolder: plainLine(accountHolder) };
    const complete = Object.values(details).every(Boolean);
    const isAccount = ACCOUNT_NUMBER.test(details.accountNumber.replace(/[ .-]/g, ""));
    setIsIncomplete(!complete);
    setIsWrongAccount(complete && !isAccount);
    if (!complete || !isAccount) return;
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
          <Field label={t("desk.settings.bankName")} value={bankName} onChange={setBankName} maxLength={100} autoComplete="off" />
          <Field
            label={t("desk.settings.accountNumber")}
            value={accountNumber}
            onChange={setAccountNumber}
            maxLength={34}
            inputMode="numeric"
            autoComplete="off"
            problem={isWrongAccount ? t("desk.settings.accountInvalid") : null}
          />
          <Field label={t("desk.settings.accountHolder")} value={accountHolder} onChange={setAccountHolder} maxLength={255} autoComplete="off" />
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
      {unsaved}
      {isConfirming ? (
        <ConfirmIdentity
          onConfirmed={() => {
            setIsConfirming(false);
            save();
          }}
          onClose={() => setIsConfirming(false)}
        />
      ) : null}
    </section>
  );
}

/** Asks for the password once more and signs in anew with it. */
function ConfirmIdentity({ onConfirmed, onClose }: { onConfirmed(): void; onClose(): void }) {
  const { identities, words } = useApp();
  const { t } = words;
  const { identity } = useLive();
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => identities.signIn(identity.userId, password),
    onSuccess: onConfirmed,
  });
  return (
    <Question
      title={t("desk.settings.confirm.title")}
      text={t("desk.settings.confirm.text")}
      confirm={t("signIn.submit")}
      busy={signIn.isPending}
      onConfirm={() => signIn.mutate()}
      onClose={onClose}
    >
      <Field
        label={t("signIn.password")}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        problem={signIn.isError ? problemText(words, signIn.error) : null}
      />
    </Question>
  );
}

const SPOKEN = ["id", "en", "zh", "ja", "ko", "ru", "fr", "de", "nl"] as const;

function ProfileForm({ profile }: { profile: Profile }) {
  const words = useWords();
  const { t } = words;
  const change = useChangeProfile();
  const [name, setName] = useState(profile.name);
  const [whatsApp, setWhatsApp] = useState(profile.whatsApp ?? "");
  const [languages, setLanguages] = useState(profile.languages);
  const [language, setLanguage] = useState(profile.language);
  const offered = [...new Set([...SPOKEN, ...profile.languages])];
  const number = plainNumber(whatsApp);
  const isSoundNumber = number === "" || isPhoneNumber(number);
  const isSound = plainLine(name) !== "" && languages.length > 0 && isSoundNumber;

  // An emptied field takes the number away.
  const changes = changedParts(profile, { name: plainLine(name), language, languages, whatsApp: number || null });
  const isChanged = Object.keys(changes).length > 0;
  const unsaved = useUnsaved(isChanged);

  function save() {
    if (!isChanged) {
      toast(t("common.nothingChanged"));
      return;
    }
    change.mutate(
      changes,
      {
        onSuccess: (saved) => {
          // What was saved, as the server writes it, is what stands here.
          setWhatsApp(saved.whatsApp ?? "");
          setName(saved.name);
          toast(t("common.saved"), "good");
        },
      },
    );
  }

  return (
    <section className="card stack">
      <h2>{t("desk.settings.profile")}</h2>
      <div className="form-grid">
        <Field label={t("desk.settings.name")} value={name} onChange={setName} problem={plainLine(name) ? null : t("desk.settings.required")} maxLength={255} />
        <Field
          label={t("desk.settings.whatsApp")}
          hint={t("desk.settings.whatsAppHint")}
          type="tel"
          inputMode="tel"
          autoComplete="tel"
          value={whatsApp}
          onChange={setWhatsApp}
          problem={isSoundNumber ? null : t("book.invalid.whatsApp")}
        />
      </div>
      <Choices
        label={t("desk.settings.languages")}
        values={languages}
        onChange={setLanguages}
        options={offered.map((code) => ({ value: code, label: words.languageName(code) }))}
      />
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
        <Button look="primary" busy={change.isPending} isDisabled={!isSound} onPress={save}>
          {t("common.save")}
        </Button>
      </div>
      {unsaved}
    </section>
  );
}
