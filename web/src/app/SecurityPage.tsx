import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { Link, useSearchParams } from "wouter";
import { answer } from "../api/client";
import { Button, Field } from "../ui/controls";
import { QrCode } from "../ui/QrCode";
import { Question } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { problemText, useApp, useMember, useProblemToast, useWords } from "./AppContext";
import { usePageTitle } from "./pageTitle";
import { HOMES, SignInFrame } from "./SignIn";
import { CodeField, NewPassword, SHORTEST_PASSWORD } from "./SignInSteps";
import { callPool } from "./userPool";

/** How a member signs in: their password and their second step. */
export default function SecurityPage() {
  const { t } = useWords();
  const member = useMember();
  const [search] = useSearchParams();
  usePageTitle(t("security.title"));
  return (
    <SignInFrame>
      <h1>{t("security.title")}</h1>
      {search.has("required") ? (
        <p className="notice notice-bad" role="status">
          {t("security.required")}
        </p>
      ) : null}
      <SecondStep />
      <ChangePassword />
      <OtherDevices />
      <Link href={HOMES[member?.role ?? "customer"]} className="button button-secondary button-normal">
        {t("security.done")}
      </Link>
    </SignInFrame>
  );
}

/** Calls the pool as the member. */
function usePool() {
  const { configuration, identities } = useApp();
  return async <Result extends object>(operation: string, body: object = {}) =>
    callPool<Result>(configuration, operation, { AccessToken: await identities.accessToken(), ...body });
}

function SecondStep() {
  const { t } = useWords();
  const pool = usePool();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [isSettingUp, setIsSettingUp] = useState(false);
  const [isTurningOff, setIsTurningOff] = useState(false);
  const state = useQuery({ queryKey: ["second-step"], queryFn: () => pool<{ UserMFASettingList?: string[] }>("GetUser") });
  const turnOff = useMutation({
    mutationFn: () => pool("SetUserMFAPreference", { SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false } }),
    onSuccess: () => toast(t("security.second.turnedOff"), "good"),
    onError: sayProblem,
    onSettled: () => {
      setIsTurningOff(false);
      void queries.invalidateQueries({ queryKey: ["second-step"] });
    },
  });
  return (
    <section className="stack">
      <h2>{t("security.second")}</h2>
      <p className="muted">{t("security.second.text")}</p>
      <Answer query={state} lines={1}>
        {({ UserMFASettingList: factors = [] }) => {
          const isOn = factors.includes("SOFTWARE_TOKEN_MFA");
          if (isSettingUp) {
            return (
              <SetUp
                onClose={() => setIsSettingUp(false)}
                onDone={() => {
                  setIsSettingUp(false);
                  toast(t("security.second.on"), "good");
                  void queries.invalidateQueries({ queryKey: ["second-step"] });
                }}
              />
            );
          }
          return (
            <>
              <p className="notice" role="status">
                {isOn ? t("security.second.on") : t("security.second.off")}
              </p>
              <div className="row">
                <Button look={isOn ? "secondary" : "primary"} onPress={() => setIsSettingUp(true)}>
                  {isOn ? t("security.second.anew") : t("security.second.setUp")}
                </Button>
                {isOn ? (
                  <Button look="quiet" onPress={() => setIsTurningOff(true)}>
                    {t("security.second.turnOff")}
                  </Button>
                ) : null}
              </div>
            </>
          );
        }}
      </Answer>
      {isTurningOff ? (
        <Question
          title={t("security.second.turnOff.title")}
          text={t("security.second.turnOff.text")}
          confirm={t("security.second.turnOff")}
          look="danger"
          busy={turnOff.isPending}
          onConfirm={() => turnOff.mutate()}
          onClose={() => setIsTurningOff(false)}
        />
      ) : null}
    </section>
  );
}

/** Shows a secret to an authenticator, and waits for the digits that prove that it has it. */
function SetUp({ onDone, onClose }: { onDone(): void; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const pool = usePool();
  const member = useMember();
  const [code, setCode] = useState("");
  const associate = useMutation({ mutationFn: () => pool<{ SecretCode: string }>("AssociateSoftwareToken") });
  const verify = useMutation({
    mutationFn: async () => {
      await pool("VerifySoftwareToken", { UserCode: code, FriendlyDeviceName: t("app.name") });
      await pool("SetUserMFAPreference", { SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
    },
    onSuccess: onDone,
  });
  const { mutate: askForSecret } = associate;
  const isAsked = useRef(false);
  useEffect(() => {
    // A second secret would take the place of the one that is on the screen.
    if (isAsked.current) return;
    isAsked.current = true;
    askForSecret();
  }, [askForSecret]);
  const secret = associate.data?.SecretCode;
  if (associate.isError) {
    return (
      <>
        <p className="notice notice-bad" role="alert">
          {problemText(words, associate.error)}
        </p>
        <Button onPress={() => askForSecret()}>{t("common.tryAgain")}</Button>
      </>
    );
  }
  if (!secret) return <p className="muted">{t("common.loading")}</p>;
  const label = encodeURIComponent(`${t("app.name")}:${member?.userId ?? ""}`);
  const address = `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(t("app.name"))}`;
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        verify.mutate();
      }}
    >
      <p>{t("security.second.scan")}</p>
      <QrCode text={address} label={t("security.second.qr")} />
      <p className="small">
        {t("security.second.secret")} <code className="secret">{secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>{" "}
        <a href={address}>{t("security.second.open")}</a>
      </p>
      <CodeField
        label={t("signIn.codeOfApp")}
        value={code}
        onChange={setCode}
        problem={verify.isError ? problemText(words, verify.error) : null}
      />
      <div className="row row-end">
        <Button onPress={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" look="primary" busy={verify.isPending} isDisabled={code.length < 6}>
          {t("security.second.confirm")}
        </Button>
      </div>
    </form>
  );
}

function ChangePassword() {
  const words = useWords();
  const { t } = words;
  const pool = usePool();
  const [present, setPresent] = useState("");
  const [chosen, setChosen] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: () => pool("ChangePassword", { PreviousPassword: present, ProposedPassword: chosen }),
    onSuccess: () => {
      toast(t("security.password.changed"), "good");
      setPresent("");
      setChosen("");
    },
    onError: (failure) => setProblem(problemText(words, failure)),
  });
  return (
    <section className="stack">
      <h2>{t("security.password")}</h2>
      <form
        className="stack"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          setProblem(null);
          if (!present) setProblem(t("signIn.required"));
          else if (chosen.length < SHORTEST_PASSWORD) setProblem(t("problem.weak_password"));
          else change.mutate();
        }}
      >
        <Field label={t("security.password.present")} type="password" autoComplete="current-password" value={present} onChange={setPresent} />
        <NewPassword label={t("signIn.newPassword")} value={chosen} onChange={setChosen} />
        {problem ? (
          <p className="notice notice-bad" role="alert">
            {problem}
          </p>
        ) : null}
        <div className="row row-end">
          <Button type="submit" busy={change.isPending}>
            {t("security.password.change")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function OtherDevices() {
  const { apiFor, identities } = useApp();
  const { t } = useWords();
  const member = useMember();
  const sayProblem = useProblemToast();
  const [isAsking, setIsAsking] = useState(false);
  const everywhere = useMutation({
    mutationFn: async () => {
      if (member) await answer(apiFor(member).POST("/sign-out-everywhere"));
    },
    onSuccess: () => identities.signOut(),
    onError: (failure) => {
      setIsAsking(false);
      sayProblem(failure);
    },
  });
  return (
    <section className="stack">
      <h2>{t("security.devices")}</h2>
      <p className="muted">{t("security.devices.text")}</p>
      <div className="row row-end">
        <Button look="danger" onPress={() => setIsAsking(true)}>
          {t("security.devices.signOut")}
        </Button>
      </div>
      {isAsking ? (
        <Question
          title={t("security.devices.title")}
          text={t("security.devices.text")}
          confirm={t("security.devices.signOut")}
          look="danger"
          busy={everywhere.isPending}
          onConfirm={() => everywhere.mutate()}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
    </section>
  );
}
