import { Suspense, useState, type FormEvent, type ReactNode } from "react";
import { Redirect } from "wouter";
import { problemOf } from "../api/problem";
import { Button, Field } from "../ui/controls";
import { Loading } from "../ui/states";
import { problemText, useApp, useFarewell, useMember, useWords } from "./AppContext";
import { usePageTitle } from "./pageTitle";
import { lazyPart } from "./recovery";
import { Brand, DisplayChoices } from "./Shell";
import { FurtherStep } from "./userPool";

// Few who sign in need these.
const FurtherStepForm = lazyPart(async () => ({ default: (await import("./SignInSteps")).FurtherStepForm }));
const ForgottenPassword = lazyPart(async () => ({ default: (await import("./SignInSteps")).ForgottenPassword }));

type MemberRole = "therapist" | "admin" | "customer";

export const HOMES: Record<MemberRole, string> = { therapist: "/desk", admin: "/admin", customer: "/" };

/** Lets members with a role in (or any), and everybody else sign in; without a role it leads members to where they belong. */
export function RoleGate({ role, children }: { role: MemberRole | "any" | null; children: ReactNode }) {
  const member = useMember();
  if (!member) return <SignIn />;
  if (role === null) return <Redirect to={`~${HOMES[member.role]}`} />;
  if (role !== "any" && member.role !== role) return <SignIn wrongRole />;
  return children;
}

/** What is on the card: the sign-in itself, or one of the ways that lead to it. */
type Stage = { kind: "password" } | { kind: "further"; step: FurtherStep } | { kind: "forgotten"; isMailed: boolean };

function SignIn({ wrongRole = false }: { wrongRole?: boolean }) {
  const { t } = useWords();
  usePageTitle(t("signIn.title"));
  const [username, setUsername] = useState("");
  const [stage, setStage] = useState<Stage>({ kind: "password" });
  const [isRenewed, setIsRenewed] = useState(false);
  const again = () => setStage({ kind: "password" });
  return (
    <SignInFrame>
      {stage.kind === "further" ? (
        <FurtherStepForm step={stage.step} onAgain={again} />
      ) : stage.kind === "forgotten" ? (
        <ForgottenPassword
          username={username}
          isMailed={stage.isMailed}
          onDone={() => {
            setIsRenewed(true);
            again();
          }}
          onAgain={again}
        />
      ) : (
        <PasswordForm
          username={username}
          setUsername={setUsername}
          wrongRole={wrongRole}
          isRenewed={isRenewed}
          onFurther={(step) => setStage({ kind: "further", step })}
          onForgotten={(isMailed) => setStage({ kind: "forgotten", isMailed })}
        />
      )}
    </SignInFrame>
  );
}

/** The frame of pages about signing in. */
export function SignInFrame({ children }: { children: ReactNode }) {
  return (
    <div className="sign-in">
      <header className="sign-in-header">
        <Brand />
        <DisplayChoices />
      </header>
      <main id="content" className="card sign-in-card">
        <Suspense fallback={<Loading />}>{children}</Suspense>
      </main>
    </div>
  );
}

interface PasswordFormProperties {
  username: string;
  setUsername(username: string): void;
  wrongRole: boolean;
  /** Whether a new password has just been chosen. */
  isRenewed: boolean;
  onFurther(step: FurtherStep): void;
  onForgotten(isMailed: boolean): void;
}

function PasswordForm({ username, setUsername, wrongRole, isRenewed, onFurther, onForgotten }: PasswordFormProperties) {
  const { identities } = useApp();
  const words = useWords();
  const { t } = words;
  const farewell = useFarewell();
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
      if (failure instanceof FurtherStep) onFurther(failure);
      // Who was invited anew has a code in their mail already.
      else if (problemOf(failure).code === "password_reset_required") onForgotten(true);
      else setProblem(problemText(words, failure));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <h1>{t("signIn.title")}</h1>
      <p className="muted">{t("signIn.text")}</p>
      {isRenewed && !problem ? (
        <p className="notice" role="status">
          {t("signIn.renewed")}
        </p>
      ) : null}
      {farewell?.kind === "member" && !problem && !isRenewed ? (
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
        <Button look="quiet" onPress={() => onForgotten(false)}>
          {t("signIn.forgotten")}
        </Button>
      </form>
    </>
  );
}
