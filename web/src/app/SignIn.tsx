import { useState, type FormEvent, type ReactNode } from "react";
import { Redirect } from "wouter";
import { Button, Field } from "../ui/controls";
import { problemText, useApp, useFarewell, useMember, useWords } from "./AppContext";
import { usePageTitle } from "./pageTitle";
import { Brand, DisplayChoices } from "./Shell";

type MemberRole = "therapist" | "admin" | "customer";

const HOMES: Record<MemberRole, string> = { therapist: "/desk", admin: "/admin", customer: "/" };

/** Lets members with a role in, and everybody else sign in; without a role it leads members to where they belong. */
export function RoleGate({ role, children }: { role: MemberRole | null; children: ReactNode }) {
  const member = useMember();
  if (!member) return <SignIn />;
  if (role === null) return <Redirect to={`~${HOMES[member.role]}`} />;
  if (member.role !== role) return <SignIn wrongRole />;
  return children;
}

function SignIn({ wrongRole = false }: { wrongRole?: boolean }) {
  const { identities } = useApp();
  const words = useWords();
  const { t } = words;
  usePageTitle(t("signIn.title"));
  const farewell = useFarewell();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!username.trim() || !password) {
      setProblem(t("signIn.required"));
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await identities.signIn(username, password);
    } catch (failure) {
      setProblem(problemText(words, failure));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="sign-in">
      <header className="sign-in-header">
        <Brand />
        <DisplayChoices />
      </header>
      <main id="content" className="card sign-in-card">
        <h1>{t("signIn.title")}</h1>
        <p className="muted">{t("signIn.text")}</p>
        {farewell?.kind === "member" && !problem ? (
          <p className="notice" role="status">
            {t("signIn.ended")}
          </p>
        ) : null}
        {wrongRole ? <p className="notice notice-bad">{t("signIn.wrongRole")}</p> : null}
        <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
          <Field label={t("signIn.username")} name="username" autoComplete="username" autoCapitalize="none" value={username} onChange={setUsername} />
          <Field
            label={t("signIn.password")}
            name="password"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
          />
          {problem ? (
            <p className="notice notice-bad" role="alert">
              {problem}
            </p>
          ) : null}
          <Button type="submit" look="primary" size="large" busy={busy}>
            {t("signIn.submit")}
          </Button>
        </form>
      </main>
    </div>
  );
}
