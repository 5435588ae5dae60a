import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../api/problem";
import { Button, Field, Switch } from "../ui/controls";
import { problemText, useApp, useWords } from "./AppContext";
import { userNamesMeant } from "./identity";
import { callPool, type FurtherStep } from "./userPool";

/** The pool asks for so many characters, and nothing of their kind. */
export const SHORTEST_PASSWORD = 12;
const CODE_LENGTH = 6;

export const digitsIn = (text: string) => text.replace(/\D/g, "").slice(0, CODE_LENGTH);

interface NewPasswordProperties {
  label: string;
  value: string;
  onChange(value: string): void;
  problem?: string | null;
}

/** A password that somebody chooses: it can be looked at instead of being typed twice. */
export function NewPassword({ label, value, onChange, problem }: NewPasswordProperties) {
  const { t } = useWords();
  const [isShown, setIsShown] = useState(false);
  return (
    <>
      <Field
        label={label}
        name="new-password"
        type={isShown ? "text" : "password"}
        autoComplete="new-password"
        autoCapitalize="none"
        hint={t("signIn.passwordHint", { count: SHORTEST_PASSWORD })}
        value={value}
        onChange={onChange}
        problem={problem}
      />
      <Switch label={t("signIn.showPassword")} isOn={isShown} onChange={setIsShown} />
    </>
  );
}

/** Six digits, from a mail or an authenticator. */
export function CodeField({ label, value, onChange, problem }: NewPasswordProperties) {
  return (
    <Field
      label={label}
      name="one-time-code"
      autoComplete="one-time-code"
      inputMode="numeric"
      value={value}
      onChange={(text) => onChange(digitsIn(text))}
      problem={problem}
    />
  );
}

/** One thing to fill in at a time, with what went wrong. */
function useStep() {
  const words = useWords();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function run(step: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await step();
    } catch (failure) {
      setProblem(problemText(words, failure));
    } finally {
      setBusy(false);
    }
  }
  return { problem, setProblem, busy, run };
}

interface StepFormProperties {
  title: string;
  text: string;
  confirm: string;
  busy: boolean;
  problem: string | null;
  onSubmit(): void;
  onAgain(): void;
  children: ReactNode;
}

function StepForm({ title, text, confirm, busy, problem, onSubmit, onAgain, children }: StepFormProperties) {
  const { t } = useWords();
  return (
    <>
      <h1>{title}</h1>
      <p className="muted">{text}</p>
      <form
        className="stack"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        {problem ? (
          <p className="notice notice-bad" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" look="primary" size="large" busy={busy}>
          {confirm}
        </Button>
        <Button look="quiet" onPress={onAgain}>
          {t("signIn.again")}
        </Button>
      </form>
    </>
  );
}

/** What the pool asks for after the password: one of one's own, or the digits of an authenticator. */
export function FurtherStepForm({ step, onAgain }: { step: FurtherStep; onAgain(): void }) {
  const { identities } = useApp();
  const { t } = useWords();
  const [given, setGiven] = useState("");
  const { problem, setProblem, busy, run } = useStep();
  const isNewPassword = step.challenge === "NEW_PASSWORD_REQUIRED";
  function submit() {
    if (isNewPassword && given.length < SHORTEST_PASSWORD) setProblem(t("problem.weak_password"));
    else if (!isNewPassword && given.length < CODE_LENGTH) setProblem(t("signIn.codeLength"));
    else void run(async () => void (await identities.goOn(step, given)));
  }
  return (
    <StepForm
      title={isNewPassword ? t("signIn.first.title") : t("signIn.code.title")}
      text={isNewPassword ? t("signIn.first.text") : t("signIn.code.text")}
      confirm={t("signIn.submit")}
      busy={busy}
      problem={problem}
      onSubmit={submit}
      onAgain={onAgain}
    >
      {isNewPassword ? (
        <>
          {/* Password managers keep a password under the name beside it. */}
          <input type="text" name="username" autoComplete="username" value={step.username} readOnly hidden />
          <NewPassword label={t("signIn.newPassword")} value={given} onChange={setGiven} />
        </>
      ) : (
        <CodeField label={t("signIn.codeOfApp")} value={given} onChange={setGiven} />
      )}
    </StepForm>
  );
}

interface ForgottenPasswordProperties {
  username: string;
  /** Whether a code is in the mail already. */
  isMailed: boolean;
  onDone(): void;
  onAgain(): void;
}

/** A new password with a code that comes by mail; it tells nobody whether there is such a user. */
export function ForgottenPassword({ username, isMailed, onDone, onAgain }: ForgottenPasswordProperties) {
  const { configuration } = useApp();
  const { t } = useWords();
  const [name, setName] = useState(username);
  const [isSent, setIsSent] = useState(isMailed);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { problem, setProblem, busy, run } = useStep();
  const pool = (operation: string, meant: string, more: object = {}) =>
    callPool<object>(configuration, operation, { ClientId: configuration.userPoolClientId, Username: meant, ...more });

  async function send(): Promise<void> {
    // The pool answers the same whether it knows a name or not, so each that can be meant is asked.
    await Promise.all(userNamesMeant(name).map((meant) => pool("ForgotPassword", meant)));
    setIsSent(true);
  }

  async function confirm(): Promise<void> {
    const [likeliest = "", ...others] = userNamesMeant(name);
    const choose = (meant: string) => pool("ConfirmForgotPassword", meant, { ConfirmationCode: code, Password: password });
    await others.reduce(
      (tried, other) =>
        tried.catch((failure: unknown) => {
          if (["wrong_code", "expired_code"].includes(problemOf(failure).code)) return choose(other);
          throw failure;
        }),
      choose(likeliest),
    );
    onDone();
  }

  function submit() {
    if (!name.trim()) setProblem(t("signIn.required"));
    else if (!isSent) void run(send);
    else if (code.length < CODE_LENGTH) setProblem(t("signIn.codeLength"));
    else if (password.length < SHORTEST_PASSWORD) setProblem(t("problem.weak_password"));
    else void run(confirm);
  }

  return (
    <StepForm
      title={t("signIn.forgotten.title")}
      text={isSent ? t("signIn.forgotten.sent") : t("signIn.forgotten.text")}
      confirm={isSent ? t("signIn.forgotten.confirm") : t("signIn.forgotten.send")}
      busy={busy}
      problem={problem}
      onSubmit={submit}
      onAgain={onAgain}
    >
      <Field label={t("signIn.username")} name="username" autoComplete="username" autoCapitalize="none" value={name} onChange={setName} />
      {isSent ? (
        <>
          <CodeField label={t("signIn.codeOfMail")} value={code} onChange={setCode} />
          <NewPassword label={t("signIn.newPassword")} value={password} onChange={setPassword} />
          <Button busy={busy} onPress={() => void run(send)}>
            {t("signIn.forgotten.again")}
          </Button>
        </>
      ) : null}
    </StepForm>
  );
}
