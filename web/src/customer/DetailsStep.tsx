import { MapPin } from "lucide-react";
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { useWords } from "../app/AppContext";
import { whereAmI } from "../chat/position";
import { Button, Choice, Field, Select } from "../ui/controls";
import { plainLine, plainLines } from "../ui/plainText";
import { toast } from "../ui/toasts";
import { useHotels } from "./catalogue";
import { PhoneField } from "./PhoneField";
import { usualRegion } from "./telephone";
import { problemsOf, type FormField, type VisitorForm } from "./visitorForm";

interface DetailsStepProperties {
  form: VisitorForm;
  onChange(form: VisitorForm): void;
  serverProblems: Partial<Record<FormField, string>>;
  price: number | null;
  /** What is about to be booked, given where it will be. */
  summary(place: string): ReactNode;
  busy: boolean;
  onBack(): void;
  onSubmit(): void;
}

export function DetailsStep({ form, onChange, serverProblems, price, summary, busy, onBack, onSubmit }: DetailsStepProperties) {
  const { t, money } = useWords();
  const [touched, setTouched] = useState<ReadonlySet<FormField>>(new Set());
  const [tried, setTried] = useState(false);
  const [changedSince, setChangedSince] = useState<ReadonlySet<FormField>>(new Set());
  const formElement = useRef<HTMLFormElement>(null);
  const problems = problemsOf(form);
  const hotels = useHotels(form.where === "hotel");

  const touch = (field: FormField) => () => setTouched(new Set([...touched, field]));
  const change = (field: FormField, part: Partial<VisitorForm>) => {
    setChangedSince(new Set([...changedSince, field]));
    onChange({ ...form, ...part });
  };
  /** A field speaks up once somebody has been in it and left, or has tried to send. */
  const problem = (field: FormField): string | null => {
    const own = problems[field];
    if (own && (tried || touched.has(field))) return t(own);
    return changedSince.has(field) ? null : (serverProblems[field] ?? null);
  };

  const hotel = hotels.data?.items.find(({ hotelVillaId }) => hotelVillaId === form.hotelVillaId);
  const address = plainLines(form.address).split("\n")[0] ?? "";
  const place =
    form.where === "hotel" ? [hotel?.name, plainLine(form.roomNumber)].filter(Boolean).join(", ") : address || (form.position ? t("book.myLocation") : "");

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setChangedSince(new Set());
    if (Object.keys(problems).length === 0) {
      onSubmit();
      return;
    }
    toast(t("book.checkForm"), "bad");
    // Once the fields are marked, the first of them gets the focus.
    requestAnimationFrame(() => formElement.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }

  async function addPosition() {
    try {
      change("address", { position: await whereAmI() });
      toast(t("book.locationAdded"), "good");
    } catch {
      toast(t("book.locationFailed"), "bad");
    }
  }

  return (
    <form ref={formElement} className="stack" noValidate onSubmit={submit} aria-label={t("book.details")}>
      <Field
        label={t("book.name")}
        name="name"
        autoComplete="name"
        required
        value={form.name}
        onChange={(name) => change("name", { name })}
        onBlur={touch("name")}
        problem={problem("name")}
      />
      <PhoneField
        label={t("book.whatsApp")}
        hint={t("book.whatsAppHint")}
        value={form.whatsApp}
        region={form.phoneRegion || usualRegion()}
        onChange={(whatsApp) => {
          change("whatsApp", { whatsApp });
          // A letter in a number is told at once; a number that is only short yet is not.
          if (/[^0-9 +().-]/.test(whatsApp)) touch("whatsApp")();
        }}
        onRegion={(phoneRegion) => change("whatsApp", { phoneRegion })}
        onBlur={touch("whatsApp")}
        problem={problem("whatsApp")}
      />
      <Choice
        label={t("book.where")}
        value={form.where}
        onChange={(where) => onChange({ ...form, where })}
        options={[
          { value: "address", label: t("book.whereAddress") },
          { value: "hotel", label: t("book.whereHotel") },
        ]}
      />
      {form.where === "address" ? (
        <>
          <Field
            label={t("book.address")}
            hint={t("book.addressHint")}
            name="address"
            autoComplete="street-address"
            rows={2}
            required={!form.position}
            value={form.address}
            onChange={(address) => change("address", { address })}
            onBlur={touch("address")}
            problem={problem("address")}
          />
          {form.position ? (
            <Button size="small" look="quiet" icon={<MapPin size={16} aria-hidden />} onPress={() => change("address", { position: null })}>
              {t("book.removeLocation")}
            </Button>
          ) : (
            <Button size="small" look="quiet" icon={<MapPin size={16} aria-hidden />} onPress={() => void addPosition()}>
              {t("book.useLocation")}
            </Button>
          )}
        </>
      ) : (
        <div className="row row-top">
          <Select
            label={t("book.hotel")}
            value={form.hotelVillaId}
            onChange={(hotelVillaId) => change("hotelVillaId", { hotelVillaId })}
            onBlur={touch("hotelVillaId")}
            problem={problem("hotelVillaId")}
            options={[
              { value: "", label: t("book.chooseHotel") },
              ...(hotels.data?.items ?? []).map((hotel) => ({ value: hotel.hotelVillaId, label: hotel.name })),
            ]}
          />
          <Field
            label={t("book.room")}
            name="room"
            autoComplete="off"
            required
            value={form.roomNumber}
            onChange={(roomNumber) => change("roomNumber", { roomNumber })}
            onBlur={touch("roomNumber")}
            problem={problem("roomNumber")}
          />
        </div>
      )}
      <p className="muted small">
        {t("book.consent")}{" "}
        <a href="/my-data" target="_blank" rel="noopener">
          {t("book.consent.more")}
        </a>
      </p>
      <div className="sheet-foot">
        {summary(place)}
        {price === null ? null : (
          <p className="price-reminder">
            {t("book.total")} <strong>{money(price)}</strong>
          </p>
        )}
        <p className="small muted">
          {t("legal.agreed")}{" "}
          <a href="/terms" target="_blank" rel="noreferrer">
            {t("legal.terms")}
          </a>
          ,{" "}
          <a href="/privacy" target="_blank" rel="noreferrer">
            {t("legal.privacy")}
          </a>
        </p>
        <div className="row row-fill">
          <Button size="large" onPress={onBack}>
            {t("common.back")}
          </Button>
          <Button type="submit" look="primary" size="large" busy={busy}>
            {busy ? t("book.submitting") : t("book.submitNow")}
          </Button>
        </div>
      </div>
    </form>
  );
}
