import { Plus, Trash2, X } from "lucide-react";
import { useState } from "react";
import { DURATIONS, type OpeningHours, type Profile } from "../api/types";
import { useWords } from "../app/AppContext";
import { localDate } from "../customer/catalogue";
import { Button, DateField, Field, IconButton, Select, Switch } from "../ui/controls";
import { plainLine } from "../ui/plainText";
import "../styles/practice.css";

const DAYS: readonly (keyof OpeningHours)[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

type Prices = Profile["menu"][number]["prices"];

/** What somebody offers and when, as it is being written. */
export interface MenuDraft {
  menu: { serviceId: string; name: string; prices: Prices }[];
  openingHours: OpeningHours;
  overrides: Profile["overrides"];
}

/** A menu with nothing in it yet, and the usual hours. */
export function newMenu(): MenuDraft {
  const openingHours = Object.fromEntries(DAYS.map((day) => [day, [USUAL]])) as unknown as OpeningHours;
  return { menu: [{ serviceId: `service-${crypto.randomUUID().slice(0, 8)}`, name: "", prices: {} }], openingHours, overrides: [] };
}

/** The menu as the server takes it. */
export const menuPart = (draft: MenuDraft) => ({
  ...draft,
  menu: draft.menu.map((item) => ({ ...item, name: plainLine(item.name) })),
});

/** Whether the server can take it: each service with a name and a price, each day opening before it closes. */
export function isSoundMenu({ menu, openingHours }: MenuDraft): boolean {
  const menuIsSound =
    menu.length > 0 &&
    menu.every(({ name, prices }) => plainLine(name) !== "" && Object.keys(prices).length > 0 && Object.values(prices).every((price) => price > 0));
  const hoursAreSound = Object.values(openingHours).every((windows) => windows.every(({ opens, closes }) => opens && closes && opens < closes));
  return menuIsSound && hoursAreSound;
}

/** Menu, opening hours and single days, for therapists themselves and for those who look after them. */
export function MenuAndHours({ draft, timeZone, onChange }: { draft: MenuDraft; timeZone: string; onChange(draft: MenuDraft): void }) {
  const { t } = useWords();
  return (
    <>
      <Services menu={draft.menu} onChange={(menu) => onChange({ ...draft, menu })} />
      <section className="card stack">
        <h2>{t("desk.menu.hours")}</h2>
        {DAYS.map((day) => (
          <DayHours
            key={day}
            name={t(`day.${day}`)}
            windows={draft.openingHours[day]}
            onChange={(windows) => onChange({ ...draft, openingHours: { ...draft.openingHours, [day]: windows } })}
          />
        ))}
      </section>
      <SingleDays timeZone={timeZone} overrides={draft.overrides} onChange={(overrides) => onChange({ ...draft, overrides })} />
    </>
  );
}

function Services({ menu, onChange }: { menu: MenuDraft["menu"]; onChange(menu: MenuDraft["menu"]): void }) {
  const { t, locale } = useWords();
  const grouped = (price: number | undefined) => (price === undefined ? "" : new Intl.NumberFormat(locale).format(price));
  const put = (index: number, item: MenuDraft["menu"][number]) => onChange(menu.with(index, item));
  return (
    <section className="card stack">
      <h2>{t("desk.menu.services")}</h2>
      {menu.map((item, index) => (
        <fieldset key={item.serviceId} className="service">
          <legend className="visually-hidden">{item.name}</legend>
          <Field label={t("desk.menu.serviceName")} value={item.name} onChange={(name) => put(index, { ...item, name })} />
          {DURATIONS.map((duration) => (
            <Field
              key={duration}
              label={t("desk.menu.priceOf", { count: duration })}
              inputMode="numeric"
              value={grouped(item.prices[String(duration)])}
              onChange={(text) => put(index, { ...item, prices: priced(item.prices, duration, text) })}
            />
          ))}
          {menu.length > 1 ? (
            <Button
              size="small"
              look="quiet"
              icon={<Trash2 size={16} aria-hidden />}
              onPress={() => onChange(menu.filter((other) => other !== item))}
            >
              {t("desk.menu.remove")}
            </Button>
          ) : null}
        </fieldset>
      ))}
      <Button
        icon={<Plus size={16} aria-hidden />}
        onPress={() => onChange([...menu, { serviceId: `service-${crypto.randomUUID().slice(0, 8)}`, name: "", prices: {} }])}
      >
        {t("desk.menu.add")}
      </Button>
    </section>
  );
}

/** The prices with one of them changed; an empty one is not offered. */
function priced(prices: Prices, duration: number, text: string): Prices {
  const { [String(duration)]: _, ...others } = prices;
  const price = Number(text.replace(/\D/g, ""));
  return price > 0 ? { ...others, [String(duration)]: price } : others;
}

type Windows = OpeningHours["monday"];

const USUAL: Windows[number] = { opens: "09:00", closes: "21:00" };
const STEP_MINUTES = 15;

const written = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const OPENINGS = Array.from({ length: (24 * 60) / STEP_MINUTES }, (_, step) => written(step * STEP_MINUTES));
const CLOSINGS = [...OPENINGS.slice(1), "24:00"];

/** A time of day on the 24-hour clock, whatever clock the device shows; one off the quarter hours is kept. */
function TimeOfDay({ label, value, times, onChange }: { label: string; value: string; times: readonly string[]; onChange(value: string): void }) {
  const offered = times.includes(value) ? times : [...times, value].sort();
  return (
    <select className="input time-of-day" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {offered.map((time) => (
        <option key={time} value={time}>
          {time}
        </option>
      ))}
    </select>
  );
}

interface OpeningProperties {
  day: string;
  opening: Windows[number];
  onChange(opening: Windows[number]): void;
  onRemove?: () => void;
}

function Opening({ day, opening, onChange, onRemove }: OpeningProperties) {
  const { t } = useWords();
  return (
    <div className="opening">
      <TimeOfDay
        label={t("desk.menu.openingOn", { day, label: t("desk.menu.opens") })}
        value={opening.opens}
        times={OPENINGS}
        onChange={(opens) => onChange({ ...opening, opens })}
      />
      <span aria-hidden>–</span>
      <TimeOfDay
        label={t("desk.menu.openingOn", { day, label: t("desk.menu.closes") })}
        value={opening.closes}
        times={CLOSINGS}
        onChange={(closes) => onChange({ ...opening, closes })}
      />
      {onRemove ? (
        <IconButton
          label={t("desk.menu.openingOn", { day, label: t("desk.menu.removeHours") })}
          icon={<X size={18} aria-hidden />}
          onPress={onRemove}
        />
      ) : null}
    </div>
  );
}

function DayHours({ name, windows, onChange }: { name: string; windows: Windows; onChange(windows: Windows): void }) {
  const { t } = useWords();
  const last = windows.at(-1);
  return (
    <fieldset className="day-hours">
      <legend className="visually-hidden">{name}</legend>
      <Switch label={name} isOn={windows.length > 0} onChange={(isOpen) => onChange(isOpen ? [USUAL] : [])} />
      <div className="openings">
        {windows.length === 0 ? <span className="muted">{t("find.closed")}</span> : null}
        {windows.map((opening, index) => (
          <Opening
            key={index}
            day={name}
            opening={opening}
            onChange={(changed) => onChange(windows.with(index, changed))}
            {...(windows.length > 1 ? { onRemove: () => onChange(windows.filter((other) => other !== opening)) } : {})}
          />
        ))}
        {last && last.closes < "23:00" && windows.length < 8 ? (
          <IconButton
            label={t("desk.menu.openingOn", { day: name, label: t("desk.menu.addHours") })}
            icon={<Plus size={18} aria-hidden />}
            onPress={() => onChange([...windows, { opens: last.closes, closes: "24:00" }])}
          />
        ) : null}
      </div>
    </fieldset>
  );
}

interface SingleDaysProperties {
  timeZone: string;
  overrides: Profile["overrides"];
  onChange(overrides: Profile["overrides"]): void;
}

function SingleDays({ timeZone, overrides, onChange }: SingleDaysProperties) {
  const words = useWords();
  const { t } = words;
  const [date, setDate] = useState(() => localDate(timeZone, 1));
  const [kind, setKind] = useState<"off" | "hours">("off");
  const [opening, setOpening] = useState(USUAL);
  const add = () => {
    const windows = kind === "off" ? [] : [opening];
    onChange([...overrides, { date, windows }].sort((one, other) => one.date.localeCompare(other.date)));
  };
  return (
    <section className="card stack">
      <h2>{t("desk.menu.days")}</h2>
      <p className="muted small">{t("desk.menu.daysText")}</p>
      {overrides.length > 0 ? (
        <ul className="single-days">
          {overrides.map((override) => (
            <li key={override.date} className="row">
              <strong>{words.weekday(`${override.date}T12:00:00Z`, "UTC")}</strong>
              <span>{override.windows.map(({ opens, closes }) => `${opens}–${closes}`).join(", ") || t("desk.menu.dayOff")}</span>
              <Button
                size="small"
                look="quiet"
                icon={<Trash2 size={16} aria-hidden />}
                onPress={() => onChange(overrides.filter((other) => other !== override))}
              >
                {t("desk.menu.remove")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="single-day">
        <DateField label={t("book.date")} value={date} onChange={setDate} />
        <Select<"off" | "hours">
          label={t("desk.menu.dayKind")}
          value={kind}
          onChange={setKind}
          options={[
            { value: "off", label: t("desk.menu.dayOff") },
            { value: "hours", label: t("desk.menu.otherHours") },
          ]}
        />
        {kind === "hours" ? <Opening day={t("desk.menu.days")} opening={opening} onChange={setOpening} /> : null}
        <Button
          isDisabled={!date || overrides.some((override) => override.date === date) || (kind === "hours" && opening.opens >= opening.closes)}
          onPress={add}
        >
          {t("desk.menu.addDay")}
        </Button>
      </div>
    </section>
  );
}
