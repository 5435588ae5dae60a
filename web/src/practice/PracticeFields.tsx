import { Crosshair } from "lucide-react";
import { useState } from "react";
import type { Profile, ProfileChange } from "../api/types";
import { useWords } from "../app/AppContext";
import { whereAmI } from "../chat/position";
import { Button, Choices, Field, Switch } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { toast } from "../ui/toasts";
import "../styles/practice.css";

const PAYMENT_METHODS = ["cash", "transfer", "qris", "card"] as const;
const COUNTS = {
  bufferMinutes: { least: 0, most: 120 },
  bufferBeforeMinutes: { least: 0, most: 120 },
  noticeMinutes: { least: 0, most: 10_080 },
  horizonDays: { least: 1, most: 365 },
  visitsPerDay: { least: 1, most: 96, isOptional: true },
} as const satisfies Record<string, { least: number; most: number; isOptional?: boolean }>;

type CountName = keyof typeof COUNTS;
const COUNT_NAMES = Object.keys(COUNTS) as CountName[];

/** How somebody works, as it is being written. */
export interface PracticeDraft {
  biography: { en: string; id: string };
  counts: Record<CountName, string>;
  hasArea: boolean;
  area: { latitude: string; longitude: string; radiusKm: string };
  paymentMethods: Profile["paymentMethods"];
  isInstant: boolean;
  instant: { noticeMinutes: string; maxPerDay: string };
}

type Known = Pick<Profile, CountName | "biography" | "serviceArea" | "paymentMethods" | "instantConfirm">;

/** What a new one begins with: the server's own defaults. */
export const USUAL_PRACTICE: Known = {
  biography: null,
  bufferMinutes: 15,
  bufferBeforeMinutes: 0,
  noticeMinutes: 60,
  horizonDays: 30,
  visitsPerDay: null,
  serviceArea: null,
  paymentMethods: ["cash"],
  instantConfirm: null,
};

export function practiceOf(known: Known): PracticeDraft {
  return {
    biography: { en: known.biography?.en ?? "", id: known.biography?.id ?? "" },
    counts: Object.fromEntries(COUNT_NAMES.map((name) => [name, known[name] === null ? "" : String(known[name])])) as Record<CountName, string>,
    hasArea: known.serviceArea !== null,
    area: {
      latitude: String(known.serviceArea?.latitude ?? ""),
      longitude: String(known.serviceArea?.longitude ?? ""),
      radiusKm: String(known.serviceArea?.radiusKm ?? 10),
    },
    paymentMethods: known.paymentMethods,
    isInstant: known.instantConfirm?.enabled ?? false,
    instant: { noticeMinutes: String(known.instantConfirm?.noticeMinutes ?? 120), maxPerDay: String(known.instantConfirm?.maxPerDay ?? 4) },
  };
}

const whole = (text: string, least: number, most: number) => {
  const number = Number(text);
  return /^\d{1,6}$/.test(text.trim()) && number >= least && number <= most ? number : null;
};
const decimal = (text: string, least: number, most: number) => {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(number) && number >= least && number <= most ? number : null;
};

type PracticePart = Pick<ProfileChange, CountName | "biography" | "serviceArea" | "paymentMethods" | "instantConfirm">;

/** What a draft says, and the names of what cannot be meant. */
export function readPractice(draft: PracticeDraft): { part: PracticePart; wrong: ReadonlySet<string> } {
  const wrong = new Set<string>();
  const or = (name: string, value: number | null): number => {
    if (value === null) wrong.add(name);
    return value ?? 0;
  };
  const counts = Object.fromEntries(
    COUNT_NAMES.map((name) => {
      const { least, most } = COUNTS[name];
      const text = draft.counts[name];
      if (text.trim() === "" && "isOptional" in COUNTS[name]) return [name, null];
      return [name, or(name, whole(text, least, most))];
    }),
  ) as Pick<ProfileChange, CountName>;
  const en = plainLines(draft.biography.en);
  const id = plainLines(draft.biography.id);
  const { latitude, longitude, radiusKm } = draft.area;
  const part: PracticePart = {
    ...counts,
    biography: en || id ? { ...(en ? { en } : {}), ...(id ? { id } : {}) } : null,
    serviceArea: draft.hasArea
      ? {
          latitude: or("latitude", decimal(latitude, -90, 90)),
          longitude: or("longitude", decimal(longitude, -180, 180)),
          radiusKm: or("radiusKm", decimal(radiusKm, 0.1, 500)),
        }
      : null,
    paymentMethods: draft.paymentMethods,
    instantConfirm: draft.isInstant
      ? {
          enabled: true,
          noticeMinutes: or("instantNotice", whole(draft.instant.noticeMinutes, 0, 10_080)),
          maxPerDay: or("instantMost", whole(draft.instant.maxPerDay, 1, 96)),
        }
      : null,
  };
  return { part, wrong };
}

interface PracticeFieldsProperties {
  draft: PracticeDraft;
  wrong: ReadonlySet<string>;
  /** Whether what admins cannot set is left out: how customers pay, and what confirms itself. */
  isAdmin?: boolean;
  onChange(draft: PracticeDraft): void;
}

/** Biography, time around visits, area and ways to pay, for therapists themselves and for those who look after them. */
export function PracticeFields({ draft, wrong, isAdmin = false, onChange }: PracticeFieldsProperties) {
  const { t } = useWords();
  const [isLocating, setIsLocating] = useState(false);
  const problem = (name: string) => (wrong.has(name) ? t("book.invalid.other") : null);
  const setArea = (change: Partial<PracticeDraft["area"]>) => onChange({ ...draft, area: { ...draft.area, ...change } });

  async function locate() {
    setIsLocating(true);
    try {
      const found = await whereAmI();
      setArea({ latitude: String(found.latitude), longitude: String(found.longitude) });
    } catch {
      toast(t("book.locationFailed"), "bad");
    } finally {
      setIsLocating(false);
    }
  }

  return (
    <>
      <section className="card stack">
        <h2>{t("practice.biography")}</h2>
        <p className="muted small">{t("practice.biographyText")}</p>
        <Field
          label={t("practice.biographyIn", { language: "Bahasa Indonesia" })}
          rows={4}
          maxLength={2000}
          value={draft.biography.id}
          onChange={(id) => onChange({ ...draft, biography: { ...draft.biography, id } })}
        />
        <Field
          label={t("practice.biographyIn", { language: "English" })}
          rows={4}
          maxLength={2000}
          value={draft.biography.en}
          onChange={(en) => onChange({ ...draft, biography: { ...draft.biography, en } })}
        />
      </section>
      <section className="card stack">
        <h2>{t("practice.time")}</h2>
        <div className="form-grid">
          {COUNT_NAMES.map((name) => (
            <Field
              key={name}
              label={t(`practice.${name}`)}
              inputMode="numeric"
              value={draft.counts[name]}
              onChange={(text) => onChange({ ...draft, counts: { ...draft.counts, [name]: text } })}
              problem={problem(name)}
              {...("isOptional" in COUNTS[name] ? { hint: t("practice.noLimit") } : {})}
            />
          ))}
        </div>
        {isAdmin ? null : (
          <>
            <Switch label={t("practice.instant")} isOn={draft.isInstant} onChange={(isInstant) => onChange({ ...draft, isInstant })} />
            {draft.isInstant ? (
              <div className="form-grid">
                <Field
                  label={t("practice.instantNotice")}
                  inputMode="numeric"
                  value={draft.instant.noticeMinutes}
                  onChange={(noticeMinutes) => onChange({ ...draft, instant: { ...draft.instant, noticeMinutes } })}
                  problem={problem("instantNotice")}
                />
                <Field
                  label={t("practice.instantMost")}
                  inputMode="numeric"
                  value={draft.instant.maxPerDay}
                  onChange={(maxPerDay) => onChange({ ...draft, instant: { ...draft.instant, maxPerDay } })}
                  problem={problem("instantMost")}
                />
              </div>
            ) : null}
          </>
        )}
      </section>
      <section className="card stack">
        <h2>{t("practice.area")}</h2>
        <p className="muted small">{t("practice.areaText")}</p>
        <Switch label={t("practice.hasArea")} isOn={draft.hasArea} onChange={(hasArea) => onChange({ ...draft, hasArea })} />
        {draft.hasArea ? (
          <div className="position">
            <Field label={t("practice.latitude")} value={draft.area.latitude} onChange={(latitude) => setArea({ latitude })} problem={problem("latitude")} />
            <Field label={t("practice.longitude")} value={draft.area.longitude} onChange={(longitude) => setArea({ longitude })} problem={problem("longitude")} />
            <Field label={t("practice.radius")} value={draft.area.radiusKm} onChange={(radiusKm) => setArea({ radiusKm })} problem={problem("radiusKm")} />
            <Button icon={<Crosshair size={18} aria-hidden />} busy={isLocating} onPress={() => void locate()}>
              {t("book.useLocation")}
            </Button>
          </div>
        ) : null}
      </section>
      {isAdmin ? null : (
        <section className="card stack">
          <Choices
            label={t("practice.payment")}
            values={draft.paymentMethods}
            onChange={(paymentMethods) => onChange({ ...draft, paymentMethods })}
            options={PAYMENT_METHODS.map((method) => ({ value: method, label: t(`practice.method.${method}`) }))}
          />
        </section>
      )}
    </>
  );
}
