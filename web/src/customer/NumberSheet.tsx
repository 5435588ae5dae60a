import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import { problemText, useApp, useCustomer } from "../app/AppContext";
import { useIsOver } from "../ui/bits";
import { Button, Field } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { toast } from "../ui/toasts";
import { PhoneField } from "./PhoneField";
import { asCalled, usualRegion } from "./telephone";
import { isPhoneNumber, plainNumber } from "./visitorForm";

interface NumberSheetProperties {
  /** What is known of the number already. */
  whatsApp?: string;
  /** Where it is from, if it has no plus. */
  phoneRegion?: string;
  title: string;
  text: string;
  onDone(): void;
  onClose(): void;
}

/** Proves by a code that a WhatsApp number is the user's; what was booked with it is here again then. */
export default function NumberSheet({ whatsApp = "", phoneRegion = "", title, text, onDone, onClose }: NumberSheetProperties) {
  const { apiFor, identities, publicApi, words } = useApp();
  const { t } = words;
  const customer = useCustomer();
  // A guest keeps being who they are if nobody else has proved to own the number before; an account always does.
  const api = customer ? apiFor(customer) : publicApi;
  const [number, setNumber] = useState(whatsApp);
  const [region, setRegion] = useState(phoneRegion || usualRegion());
  const [code, setCode] = useState("");
  const [expiresAt, setExpiresAt] = useState<string | null>(null);
  const isOver = useIsOver(expiresAt);
  const body = { whatsApp: plainNumber(number), phoneRegion: region };
  const send = useMutation({
    mutationFn: () => answer(api.POST("/guest-sessions/codes", { body })),
    onSuccess: (sent) => {
      setCode("");
      check.reset();
      setExpiresAt(sent.expiresAt);
    },
  });
  const check = useMutation({
    mutationFn: () => answer(api.POST("/guest-sessions/verify", { body: { ...body, code } })),
    onSuccess: (session) => {
      if (customer?.kind !== "member") identities.adopt(session);
      toast(t("number.done"), "good");
      onDone();
    },
  });
  const failure = send.error ?? check.error;
  const isWrong = check.isError && problemOf(check.error).code === "validation_failed";
  const [tried, setTried] = useState(false);
  const numberProblem = tried && !isPhoneNumber(number) ? t("book.invalid.whatsApp") : null;
  const isRefused = send.isError && problemOf(send.error).code === "validation_failed";

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!isPhoneNumber(number)) return;
    if (expiresAt === null) send.mutate();
    else if (code.length === 6) check.mutate();
  }

  return (
    <Sheet title={title} onClose={onClose} page={expiresAt === null ? "number" : "code"}>
      <form className="stack" noValidate onSubmit={submit}>
        {expiresAt === null ? (
          <>
            <p>{text}</p>
            <PhoneField
              label={t("book.whatsApp")}
              hint={t("number.hint")}
              value={number}
              region={region}
              onChange={setNumber}
              onRegion={setRegion}
              problem={numberProblem ?? (isRefused ? t("book.invalid.whatsApp") : null)}
            />
          </>
        ) : (
          <>
            <p>{t("number.sent", { number: asCalled(number, region) ?? plainNumber(number) })}</p>
            <Field
              label={t("number.code")}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(given) => setCode(given.replace(/\D/g, "").slice(0, 6))}
              problem={isWrong ? t("number.wrong") : isOver ? t("problem.expired_code") : null}
            />
            <div className="row">
              <Button size="small" busy={send.isPending} onPress={() => send.mutate()}>
                {t("number.again")}
              </Button>
              <Button size="small" look="quiet" onPress={() => setExpiresAt(null)}>
                {t("number.other")}
              </Button>
            </div>
          </>
        )}
        {failure && !isWrong && !isRefused ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, failure)}
          </p>
        ) : null}
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={send.isPending || check.isPending}>
            {expiresAt === null ? t("number.send") : t("number.check")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
