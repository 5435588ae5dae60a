import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { allItems, answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { AdminHotel } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Button, Field, Select, Switch } from "../ui/controls";
import { plainLine, plainLines } from "../ui/plainText";
import { Sheet } from "../ui/Sheet";
import { Answer, Empty } from "../ui/states";
import { toast } from "../ui/toasts";

const ZONES = ["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"] as const;

/** Hotels and villas that guests can name. */
export default function HotelsPage() {
  const { t } = useWords();
  const { api } = useLive();
  usePageTitle(t("admin.hotels.title"));
  const [editing, setEditing] = useState<AdminHotel | "new" | null>(null);
  const hotels = useQuery({
    queryKey: ["admin", "hotels"],
    queryFn: () => allItems((cursor) => answer(api.GET("/admin/hotels", { params: { query: cursor ? { cursor } : {} } }))),
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.hotels.title")}</h1>
        <Button look="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setEditing("new")}>
          {t("admin.hotels.add")}
        </Button>
      </div>
      <Answer query={hotels}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("admin.hotels.empty")} />
          ) : (
            <ul className="people">
              {items.map((hotel) => (
                <li key={hotel.hotelVillaId} className={hotel.active ? "card person" : "card person person-away"}>
                  <div className="person-text">
                    <strong>{hotel.name}</strong>
                    <span className="muted small lines-kept">{hotel.address}</span>
                    {hotel.active ? null : (
                      <span>
                        <span className="badge badge-cancelled">{t("admin.staff.inactive")}</span>
                      </span>
                    )}
                  </div>
                  <Button size="small" aria-label={t("admin.staff.editOf", { name: hotel.name })} onPress={() => setEditing(hotel)}>
                    {t("common.edit")}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {editing ? <HotelSheet hotel={editing === "new" ? null : editing} onClose={() => setEditing(null)} /> : null}
    </div>
  );
}

/** Degrees as somebody writes them: undefined if it is no number between the bounds, null if nothing stands there. */
function degrees(text: string, most: number): number | null | undefined {
  if (text.trim() === "") return null;
  const number = Number(text.trim().replace(",", "."));
  return Number.isFinite(number) && Math.abs(number) <= most ? number : undefined;
}

function HotelSheet({ hotel, onClose }: { hotel: AdminHotel | null; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const [name, setName] = useState(hotel?.name ?? "");
  const [address, setAddress] = useState(hotel?.address ?? "");
  const [timeZone, setTimeZone] = useState(hotel?.timeZone ?? "Asia/Makassar");
  const [latitude, setLatitude] = useState(String(hotel?.latitude ?? ""));
  const [longitude, setLongitude] = useState(String(hotel?.longitude ?? ""));
  const [active, setActive] = useState(hotel?.active ?? true);
  const [tried, setTried] = useState(false);
  const north = degrees(latitude, 90);
  const east = degrees(longitude, 180);
  const hasBoth = (north === null) === (east === null);
  const wrong = {
    name: plainLine(name) ? null : t("desk.settings.required"),
    address: plainLines(address) ? null : t("desk.settings.required"),
    position: north === undefined || east === undefined || !hasBoth ? t("book.invalid.other") : null,
  };
  const save = useMutation({
    mutationFn: () => {
      const known = { name: plainLine(name), address: plainLines(address), timeZone };
      if (hotel) {
        const body = { ...known, latitude: north ?? null, longitude: east ?? null, active };
        return answer(api.PATCH("/admin/hotels/{hotelVillaId}", { params: { path: { hotelVillaId: hotel.hotelVillaId } }, body }));
      }
      const position = typeof north === "number" && typeof east === "number" ? { latitude: north, longitude: east } : {};
      return answer(api.POST("/admin/hotels", { body: { ...known, ...position } }));
    },
    onSuccess: () => {
      toast(t("common.saved"), "good");
      void queries.invalidateQueries({ queryKey: ["admin", "hotels"] });
      void queries.invalidateQueries({ queryKey: ["catalogue", "hotels"] });
      onClose();
    },
  });
  const refused = (path: string) =>
    save.isError && problemOf(save.error).body.errors?.some((rule) => rule.path.startsWith(path)) ? t("book.invalid.other") : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.values(wrong).every((problem) => problem === null)) save.mutate();
  }
  return (
    <Sheet title={hotel?.name ?? t("admin.hotels.add")} onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <Field label={t("desk.settings.name")} maxLength={255} value={name} onChange={setName} problem={(tried ? wrong.name : null) ?? refused("name")} />
        <Field label={t("book.address")} rows={2} maxLength={500} value={address} onChange={setAddress} problem={(tried ? wrong.address : null) ?? refused("address")} />
        <Select
          label={t("admin.therapist.zone")}
          value={timeZone}
          onChange={setTimeZone}
          options={[...new Set<string>([...ZONES, timeZone])].map((zone) => ({ value: zone, label: `${zone} (${words.zoneName(zone)})` }))}
        />
        <div className="form-grid">
          <Field label={t("practice.latitude")} value={latitude} onChange={setLatitude} problem={(tried ? wrong.position : null) ?? refused("latitude")} />
          <Field label={t("practice.longitude")} value={longitude} onChange={setLongitude} problem={refused("longitude")} />
        </div>
        {hotel ? <Switch label={t("admin.hotels.active")} isOn={active} onChange={setActive} /> : null}
        {save.isError ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, save.error)}
          </p>
        ) : null}
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
