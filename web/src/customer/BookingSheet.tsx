import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { allItems, answer, type Api } from "../api/client";
import { problemOf, type ApiProblem } from "../api/problem";
import type { CreatedBooking, NewBooking, Quote, Therapist } from "../api/types";
import { problemText, useApp, useProblemToast } from "../app/AppContext";
import { useLiveOrNull } from "../app/LiveContext";
import { Button } from "../ui/controls";
import { Question, Sheet } from "../ui/Sheet";
import { toast } from "../ui/toasts";
import { lazyPart } from "../app/recovery";
import { BookingProgress } from "./BookingProgress";
import { BookingSummary } from "./BookingSummary";
import { firstChoices, type BookingStart, type Choices } from "./choices";
import { ChooseStep } from "./ChooseStep";
import { DetailsStep } from "./DetailsStep";
import { keepDraft, type Draft } from "./draft";
import { OtherTimes } from "./OtherTimes";
import { usualRegion } from "./telephone";
import { fieldOfPath, keepForm, recallForm, visitorPart, type FormField } from "./visitorForm";
import "../styles/booking.css";
import { CONSENT_VERSION } from "./Purposes";

// Only where the policy asks for a verified number.
const NumberSheet = lazyPart(() => import("./NumberSheet"));

type Obstacle =
  | { kind: "duplicate"; bookingId: string | null }
  | { kind: "unverified" }
  | { kind: "otherPending" }
  /** Whoever was wanted, or the time (null: at once), has just been taken. */
  | { kind: "taken"; time: string | null };

interface BookingSheetProperties {
  start: BookingStart;
  /** What a reload has interrupted. */
  resumed: Draft | null;
  onClose(): void;
  /** Goes on with another therapist; what was written about the customer stays. */
  onSwitch(start: BookingStart): void;
}

/** From the choice of a visit to its chat, in two steps. */
export function BookingSheet({ start, resumed, onClose, onSwitch }: BookingSheetProperties) {
  const { therapist } = start;
  const { identities, apiFor, words } = useApp();
  const { t } = words;
  const live = useLiveOrNull();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [path, navigate] = useLocation();
  const [bookingType, setBookingType] = useState(start.bookingType);
  const [step, setStep] = useState<"choose" | "details">(resumed?.step ?? "choose");
  const [choices, setChoices] = useState<Choices>(() => resumed?.choices ?? firstChoices(start));
  const [form, setForm] = useState(recallForm);
  const [serverProblems, setServerProblems] = useState<Partial<Record<FormField, string>>>({});
  const [obstacle, setObstacle] = useState<Obstacle | null>(null);
  const [busy, setBusy] = useState(false);
  // One key for one intention: a repeat of the same body can have no second effect.
  const [keyed, setKeyed] = useState<{ body: string; key: string } | null>(null);

  const [refusedCode, setRefusedCode] = useState<string | null>(null);

  useEffect(() => {
    const { therapist: _, ...click } = start;
    keepDraft({ path, therapistId: therapist.therapistId, start: { ...click, bookingType }, choices, step });
  }, [path, start, therapist.therapistId, bookingType, choices, step]);
  useEffect(() => keepForm(form), [form]);

  /** Asks as the customer; as a new guest if the server knows the former one no more. */
  async function asCustomer<Result>(ask: (api: Api) => Promise<Result>): Promise<Result> {
    const customer = await identities.ensureCustomer();
    try {
      return await ask(apiFor(customer));
    } catch (failure) {
      if (customer.kind !== "guest" || problemOf(failure).status !== 401) throw failure;
      await identities.refused(customer, customer.token);
      return ask(apiFor(await identities.ensureCustomer()));
    }
  }
  const quote = useQuery({
    queryKey: ["quote", therapist.therapistId, bookingType, choices],
    staleTime: 4 * 60_000,
    gcTime: 0,
    refetchInterval: 4 * 60_000,
    placeholderData: (former: Quote | undefined) => former,
    queryFn: () =>
      asCustomer((api) =>
        answer(
          api.POST("/quotes", {
            body: {
              therapistId: therapist.therapistId,
              bookingType,
              duration: choices.duration,
              serviceId: choices.serviceId,
              ...(choices.scheduledTime ? { scheduledTime: choices.scheduledTime } : {}),
              ...(choices.discountCode ? { discountCode: choices.discountCode } : {}),
            },
          }),
        ),
      ),
  });

  // A code that cannot be used is said at its field, and the price is asked again without it.
  const isRefused = quote.isError && choices.discountCode !== "" && problemOf(quote.error).code === "discount_unavailable";
  useEffect(() => {
    if (!isRefused) return;
    setRefusedCode(choices.discountCode);
    setChoices({ ...choices, discountCode: "" });
  }, [isRefused, choices]);

  async function submit(confirmOtherPending: boolean) {
    setBusy(true);
    setServerProblems({});
    try {
      const body: NewBooking = {
        therapistId: therapist.therapistId,
        bookingType,
        duration: choices.duration,
        serviceId: choices.serviceId,
        source: start.source,
        chatWindowOpen: start.chatWindowOpen ?? false,
        ...(choices.scheduledTime ? { scheduledTime: choices.scheduledTime } : {}),
        ...(choices.discountCode ? { discountCode: choices.discountCode } : {}),
        ...(quote.data && !quote.isError && !quote.isPlaceholderData ? { quoteToken: quote.data.quoteToken } : {}),
        consentVersion: CONSENT_VERSION,
        ...(confirmOtherPending ? { confirmOtherPending } : {}),
        ...visitorPart({ ...form, phoneRegion: form.phoneRegion || usualRegion() }),
      };
      const text = JSON.stringify(body);
      const key = keyed?.body === text ? keyed.key : crypto.randomUUID();
      setKeyed({ body: text, key });
      const created = await asCustomer((api) =>
        answer(api.POST("/bookings", { body, params: { header: { "Idempotency-Key": key } } })),
      );
      openChat(created);
    } catch (failure) {
      setObstacle(null);
      react(problemOf(failure));
    } finally {
      setBusy(false);
    }
  }

  function openChat(created: CreatedBooking) {
    const { room, messages, warnings } = created;
    queries.setQueryData(["room", room.conversationId], room);
    void queries.invalidateQueries({ queryKey: ["rooms"] });
    void queries.invalidateQueries({ queryKey: ["bookings"] });
    if (live) {
      live.realtime.feed(room.conversationId).seed(messages);
      live.realtime.start(created.chatTicket);
    }
    toast(t("book.done"), "good");
    for (const warning of warnings) toast(warning.message);
    onClose();
    navigate(`/chats/${room.conversationId}`);
  }

  function react(problem: ApiProblem) {
    if (problem.code === "duplicate_booking") {
      setObstacle({ kind: "duplicate", bookingId: problem.body.bookingId ?? null });
    } else if (problem.code === "verification_required") {
      setObstacle({ kind: "unverified" });
    } else if (problem.code === "confirmation_required") {
      setObstacle({ kind: "otherPending" });
    } else if (problem.code === "validation_failed") {
      const problems: Partial<Record<FormField, string>> = {};
      for (const { path } of problem.body.errors ?? []) {
        const field = fieldOfPath(path);
        if (field) problems[field] = t(field === "whatsApp" ? "book.invalid.whatsApp" : "book.invalid.other");
      }
      setServerProblems(problems);
      toast(t("book.checkForm"), "bad");
      if (Object.keys(problems).length === 0) setStep("choose");
    } else {
      // What is said in the sheet itself needs no second word.
      if (problem.code !== "slot_taken") sayProblem(problem);
      if (problem.code === "quote_stale" || problem.code === "discount_unavailable") void quote.refetch();
      if (problem.code === "slot_taken" || problem.code === "therapist_unavailable") {
        void queries.invalidateQueries({ queryKey: ["catalogue"] });
        setChoices({ ...choices, scheduledTime: null });
        setStep("choose");
        setObstacle({ kind: "taken", time: choices.scheduledTime });
      }
    }
  }

  async function openDuplicate(bookingId: string | null) {
    try {
      if (bookingId) {
        const booking = await asCustomer((api) =>
          answer(api.GET("/bookings/{bookingId}", { params: { path: { bookingId } } })),
        );
        navigate(`/chats/${booking.chatRoomId}`);
      } else navigate("/chats");
      live?.realtime.start();
      onClose();
    } catch (failure) {
      sayProblem(failure);
    }
  }

  function switchTo(other: Therapist, time: string | null) {
    const { serviceId: _, scheduledTime: __, ...click } = start;
    onSwitch({ ...click, therapist: other, bookingType, duration: choices.duration, ...(time ? { scheduledTime: time } : {}) });
  }

  const summary = (place: string) => <BookingSummary therapist={therapist} bookingType={bookingType} choices={choices} place={place} />;
  const title =
    bookingType === "immediate" ? t("book.titleNow", { name: therapist.name }) : t("book.titleSchedule", { name: therapist.name });
  return (
    <Sheet title={title} onClose={onClose} page={obstacle?.kind === "taken" ? "taken" : step}>
      <BookingProgress step={step === "choose" ? 1 : 2} of={2} />
      <PendingNotice />
      {obstacle?.kind === "taken" ? (
        <div className="notice notice-bad stack" role="alert">
          <p>
            {obstacle.time === null
              ? t("book.notNow", { name: therapist.name })
              : t("book.taken", { time: words.dateTime(obstacle.time, therapist.timeZone) })}
          </p>
          <OtherTimes
            therapist={therapist}
            duration={choices.duration}
            time={obstacle.time}
            onTime={(scheduledTime) => {
              setObstacle(null);
              setBookingType("scheduled");
              setChoices({ ...choices, scheduledTime });
              setStep("details");
            }}
            onOther={(other) => switchTo(other, obstacle.time)}
          />
          {bookingType === "immediate" ? (
            <div className="row">
              <Button
                size="small"
                look="primary"
                onPress={() => {
                  setObstacle(null);
                  setBookingType("scheduled");
                }}
              >
                {t("book.chooseTimeInstead")}
              </Button>
            </div>
          ) : null}
        </div>
      ) : null}
      {step === "choose" ? (
        <ChooseStep
          therapist={therapist}
          bookingType={bookingType}
          choices={choices}
          onChange={(changed) => {
            setRefusedCode(null);
            setChoices(changed);
          }}
          refusedCode={refusedCode}
          quote={quote.isError ? undefined : quote.data}
          quoteProblem={quote.isError && !isRefused ? problemText(words, quote.error) : null}
          isPricing={quote.isFetching && (quote.isPlaceholderData || !quote.data)}
          summary={summary("")}
          onContinue={() => setStep("details")}
        />
      ) : (
        <DetailsStep
          form={form}
          onChange={setForm}
          serverProblems={serverProblems}
          price={quote.data?.price ?? null}
          summary={summary}
          busy={busy}
          onBack={() => setStep("choose")}
          onSubmit={() => void submit(false)}
        />
      )}
      {obstacle?.kind === "unverified" ? (
        <NumberSheet
          whatsApp={form.whatsApp}
          phoneRegion={form.phoneRegion}
          title={t("number.confirm")}
          text={t("number.confirmText")}
          onDone={() => {
            setObstacle(null);
            void submit(false);
          }}
          onClose={() => setObstacle(null)}
        />
      ) : null}
      {obstacle?.kind === "duplicate" ? (
        <Question
          title={t("book.duplicate.title")}
          text={t("book.duplicate.text", { name: therapist.name })}
          confirm={t("book.duplicate.open")}
          onConfirm={() => void openDuplicate(obstacle.bookingId)}
          onClose={() => setObstacle(null)}
        />
      ) : null}
      {obstacle?.kind === "otherPending" ? (
        <Question
          title={t("book.otherPending.title")}
          text={t("book.otherPending.text")}
          confirm={t("book.otherPending.confirm")}
          busy={busy}
          onConfirm={() => void submit(true)}
          onClose={() => setObstacle(null)}
        />
      ) : null}
    </Sheet>
  );
}

/** Reminds of requests that still wait for an answer. */
function PendingNotice() {
  const { t } = useApp().words;
  const live = useLiveOrNull();
  const pending = useQuery({
    queryKey: ["bookings", live?.identity.userId, "pending"],
    enabled: live !== null,
    queryFn: async () =>
      live
        ? allItems((cursor) =>
            answer(live.api.GET("/bookings", { params: { query: { status: "pending", ...(cursor ? { cursor } : {}) } } })),
          )
        : null,
  });
  const first = pending.data?.items[0];
  if (!first) return null;
  return (
    <p className="notice" role="status">
      {t("book.pendingNotice", { count: pending.data?.items.length ?? 1, name: first.therapistName })}
    </p>
  );
}
