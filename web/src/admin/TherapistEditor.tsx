import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { NewTherapist, Profile, TherapistChange } from "../api/types";
import { problemText, useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { isPhoneNumber, plainNumber } from "../customer/visitorForm";
import { isSoundMenu, MenuAndHours, menuPart, newMenu, type MenuDraft } from "../practice/MenuAndHours";
import { PracticeFields, practiceOf, readPractice, USUAL_PRACTICE, type PracticeDraft } from "../practice/PracticeFields";
import { Button, Choice, Choices, Field, Select } from "../ui/controls";
import { ReasonField } from "../ui/ReasonField";
import { plainLine, plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";

const ID = /^[a-z0-9][a-z0-9-]{2,39}$/;
const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;
const ZONES = ["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"] as const;
const SPOKEN = ["id", "en", "zh", "ja", "ko", "ru", "fr", "de", "nl"] as const;

/** A new therapist or place. */
export function NewTherapistPage() {
  const { t } = useWords();
  usePageTitle(t("admin.therapist.add"));
  return (
    <div className="stack">
      <Head title={t("admin.therapist.add")} />
      <Form present={null} />
    </div>
  );
}

/** One therapist or place as those see it who look after them. */
export function TherapistEditor({ therapistId }: { therapistId: string }) {
  const { t } = useWords();
  const { api } = useLive();
  const therapist = useQuery({
    queryKey: ["admin", "therapist", therapistId],
    queryFn: () => answer(api.GET("/admin/therapists/{therapistId}", { params: { path: { therapistId } } })),
    // What is being written is not taken away by what others write.
    staleTime: Infinity,
  });
  usePageTitle(therapist.data?.name ?? t("admin.therapists.title"));
  return (
    <div className="stack">
      <Head title={therapist.data?.name ?? t("admin.therapists.title")} />
      <Answer query={therapist} lines={8}>
        {(present) => (
          <>
            <Standing therapist={present} />
            <Form key={present.version} present={present} />
          </>
        )}
      </Answer>
    </div>
  );
}

function Head({ title }: { title: string }) {
  const { t } = useWords();
  return (
    <div className="row">
      <Link href="/therapists" className="icon-button" aria-label={t("common.back")}>
        <ArrowLeft size={20} aria-hidden />
      </Link>
      <h1>{title}</h1>
    </div>
  );
}

/** Whether somebody takes bookings and can sign in, and what an admin can do about it. */
function Standing({ therapist }: { therapist: Profile }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const params = { path: { therapistId: therapist.therapistId } };
  const [isSuspending, setIsSuspending] = useState(false);
  const [reason, setReason] = useState("");
  const [email, setEmail] = useState(therapist.email ?? "");
  const [tried, setTried] = useState(false);
  const show = (changed: Profile) => {
    queries.setQueryData(["admin", "therapist", therapist.therapistId], changed);
    void queries.invalidateQueries({ queryKey: ["admin", "therapists"] });
  };
  const suspend = useMutation({
    mutationFn: () => answer(api.POST("/admin/therapists/{therapistId}/suspend", { params, body: { reason: plainLines(reason) } })),
    onSuccess: (changed) => {
      show(changed);
      toast(t("admin.therapist.suspended"), "good");
      setIsSuspending(false);
    },
    onError: sayProblem,
  });
  const reinstate = useMutation({
    mutationFn: () => answer(api.POST("/admin/therapists/{therapistId}/reinstate", { params })),
    onSuccess: (changed) => {
      show(changed);
      toast(t("admin.therapist.reinstated"), "good");
    },
    onError: sayProblem,
  });
  const invite = useMutation({
    mutationFn: () => answer(api.POST("/admin/therapists/{therapistId}/invite", { params, body: { email: email.trim() } })),
    onSuccess: (sent) => toast(t("admin.staff.invited", { email: sent.email }), "good"),
    onError: sayProblem,
  });
  const isEmail = EMAIL.test(email.trim());
  const isLacking = plainLines(reason) === "";
  return (
    <section className="card stack">
      <h2>{t("admin.therapist.standing")}</h2>
      {therapist.suspendedAt ? (
        <p className="notice notice-bad">
          {t("admin.therapist.suspendedSince", { time: words.dateTime(therapist.suspendedAt, "Asia/Jakarta") })}
          {therapist.suspendedBecause ? ` ${therapist.suspendedBecause}` : ""}
        </p>
      ) : null}
      <form
        className="row row-bottom"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (isEmail) invite.mutate();
        }}
      >
        <Field
          label={t("admin.staff.email")}
          type="email"
          autoComplete="off"
          value={email}
          onChange={setEmail}
          problem={tried && !isEmail ? t("admin.staff.badEmail") : null}
        />
        <Button type="submit" busy={invite.isPending}>
          {t("admin.therapist.invite")}
        </Button>
        {therapist.suspendedAt ? (
          <Button look="good" busy={reinstate.isPending} onPress={() => reinstate.mutate()}>
            {t("admin.therapist.reinstate")}
          </Button>
        ) : (
          <Button look="danger" onPress={() => setIsSuspending(true)}>
            {t("admin.therapist.suspend")}
          </Button>
        )}
      </form>
      {isSuspending ? (
        <Question
          title={t("admin.therapist.suspend.title", { name: therapist.name })}
          text={t("admin.therapist.suspend.text")}
          confirm={t("admin.therapist.suspend")}
          look="danger"
          busy={suspend.isPending}
          onConfirm={() => {
            setTried(true);
            if (!isLacking) suspend.mutate();
          }}
          onClose={() => setIsSuspending(false)}
        >
          <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
        </Question>
      ) : null}
    </section>
  );
}

interface PersonDraft {
  therapistId: string;
  name: string;
  type: Profile["type"];
  timeZone: string;
  languages: string[];
  language: Profile["language"];
  whatsApp: string;
  email: string;
  beds: string;
}

const personOf = (present: Profile | null): PersonDraft => ({
  therapistId: present?.therapistId ?? "",
  name: present?.name ?? "",
  type: present?.type ?? "therapist",
  timeZone: present?.timeZone ?? "Asia/Makassar",
  languages: present?.languages ?? ["id"],
  language: present?.language ?? "id",
  whatsApp: present?.whatsApp ?? "",
  email: present?.email ?? "",
  beds: String(present?.beds ?? 1),
});

function Form({ present }: { present: Profile | null }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [person, setPerson] = useState(() => personOf(present));
  const [menu, setMenu] = useState<MenuDraft>(() => (present ? { menu: present.menu, openingHours: present.openingHours, overrides: present.overrides } : newMenu()));
  const [practice, setPractice] = useState<PracticeDraft>(() => practiceOf(present ?? USUAL_PRACTICE));
  const [tried, setTried] = useState(false);
  const { part, wrong: wrongPractice } = readPractice(practice);
  const number = plainNumber(person.whatsApp);
  const beds = /^\d{1,2}$/.test(person.beds.trim()) && Number(person.beds) >= 1 && Number(person.beds) <= 50 ? Number(person.beds) : null;
  const wrong: Record<string, string | null> = {
    therapistId: present || person.therapistId.trim() === "" || ID.test(person.therapistId.trim()) ? null : t("admin.staff.badId"),
    name: plainLine(person.name) ? null : t("desk.settings.required"),
    languages: person.languages.length > 0 ? null : t("desk.settings.required"),
    whatsApp: number === "" || isPhoneNumber(number) ? null : t("book.invalid.whatsApp"),
    email: person.email.trim() === "" || EMAIL.test(person.email.trim()) ? null : t("admin.staff.badEmail"),
    beds: person.type === "place" && beds === null ? t("book.invalid.other") : null,
  };
  const save = useMutation({
    mutationFn: () => {
      const { paymentMethods: _, instantConfirm: __, ...practised } = part;
      const known = {
        name: plainLine(person.name),
        type: person.type,
        timeZone: person.timeZone,
        languages: person.languages,
        language: person.language,
        ...menuPart(menu),
        ...practised,
        ...(person.type === "place" && beds !== null ? { beds } : {}),
      };
      const whatsApp = number === (present?.whatsApp ?? "") ? {} : { whatsApp: number || null };
      const email = person.email.trim() === (present?.email ?? "") ? {} : { email: person.email.trim() || null };
      if (present) {
        const body = { ...known, ...whatsApp, ...email } as TherapistChange;
        return answer(api.PATCH("/admin/therapists/{therapistId}", { params: { path: { therapistId: present.therapistId } }, body }));
      }
      // A new one has nothing that could be taken away.
      const id = person.therapistId.trim();
      const given = { ...known, ...whatsApp, ...email, ...(id ? { therapistId: id } : {}) };
      const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as unknown as NewTherapist;
      return answer(api.POST("/admin/therapists", { body }));
    },
    onSuccess: (saved) => {
      toast(t("common.saved"), "good");
      queries.setQueryData(["admin", "therapist", saved.therapistId], saved);
      void queries.invalidateQueries({ queryKey: ["admin", "therapists"] });
      void queries.invalidateQueries({ queryKey: ["therapist choice"] });
      if (!present) navigate(`/therapists/${saved.therapistId}`, { replace: true });
    },
  });
  const refused = (path: string) =>
    save.isError && problemOf(save.error).body.errors?.some((rule) => rule.path.startsWith(path)) ? t("book.invalid.other") : null;
  const isTaken = save.isError && problemOf(save.error).code === "already_exists";
  const problem = (name: string) => (tried ? (wrong[name] ?? refused(name)) : null);
  const isSound = Object.values(wrong).every((each) => each === null) && wrongPractice.size === 0 && isSoundMenu(menu);
  const set = (change: Partial<PersonDraft>) => setPerson({ ...person, ...change });
  const zones = [...new Set([...ZONES, person.timeZone])];

  return (
    <>
      <section className="card stack">
        <h2>{t("desk.settings.profile")}</h2>
        <div className="form-grid">
          <Field label={t("desk.settings.name")} maxLength={255} value={person.name} onChange={(name) => set({ name })} problem={problem("name")} />
          {present ? null : (
            <Field
              label={t("admin.therapist.id")}
              hint={t("admin.therapist.idHint")}
              autoCapitalize="none"
              value={person.therapistId}
              onChange={(therapistId) => set({ therapistId })}
              problem={isTaken ? t("problem.already_exists") : problem("therapistId")}
            />
          )}
          <Field label={t("desk.settings.whatsApp")} type="tel" inputMode="tel" autoComplete="off" value={person.whatsApp} onChange={(whatsApp) => set({ whatsApp })} problem={problem("whatsApp")} />
          <Field label={t("admin.staff.email")} type="email" autoComplete="off" value={person.email} onChange={(email) => set({ email })} problem={problem("email")} />
          <Select
            label={t("admin.therapist.zone")}
            value={person.timeZone}
            onChange={(timeZone) => set({ timeZone })}
            options={zones.map((zone) => ({ value: zone as string, label: `${zone} (${words.zoneName(zone)})` }))}
          />
          {person.type === "place" ? (
            <Field label={t("admin.therapist.beds")} inputMode="numeric" value={person.beds} onChange={(text) => set({ beds: text })} problem={problem("beds")} />
          ) : null}
        </div>
        <Choice
          label={t("admin.therapist.type")}
          value={person.type}
          onChange={(type) => set({ type })}
          options={[
            { value: "therapist", label: t("type.therapist") },
            { value: "place", label: t("type.place") },
          ]}
        />
        <Choices
          label={t("admin.therapist.languages")}
          values={person.languages}
          onChange={(languages) => set({ languages })}
          options={[...new Set([...SPOKEN, ...person.languages])].map((code) => ({ value: code, label: words.languageName(code) }))}
        />
        {problem("languages") ? <p className="field-problem">{problem("languages")}</p> : null}
        <Choice
          label={t("admin.therapist.language")}
          value={person.language}
          onChange={(language) => set({ language })}
          options={[
            { value: "id", label: "Bahasa Indonesia" },
            { value: "en", label: "English" },
          ]}
        />
      </section>
      <PracticeFields draft={practice} wrong={tried ? wrongPractice : NOTHING} isAdmin onChange={setPractice} />
      <MenuAndHours draft={menu} timeZone={person.timeZone} onChange={setMenu} />
      {tried && !isSoundMenu(menu) ? (
        <p className="notice notice-bad" role="alert">
          {t("desk.menu.invalid")}
        </p>
      ) : tried && !isSound ? (
        <p className="notice notice-bad" role="alert">
          {t("problem.validation_failed")}
        </p>
      ) : null}
      {save.isError && !isTaken ? (
        <p className="notice notice-bad" role="alert">
          {problemText(words, save.error)}
        </p>
      ) : null}
      <div className="row row-end save-bar">
        <Button
          look="primary"
          size="large"
          busy={save.isPending}
          onPress={() => {
            setTried(true);
            if (isSound) save.mutate();
          }}
        >
          {t("common.save")}
        </Button>
      </div>
    </>
  );
}

const NOTHING: ReadonlySet<string> = new Set();
