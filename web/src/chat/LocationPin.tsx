import { MapPin } from "lucide-react";
import type { Message } from "../api/types";
import { useWords } from "../app/AppContext";
import { mapLink } from "./BookingCard";

export function LocationPin({ location }: { location: NonNullable<Message["location"]> }) {
  const { t } = useWords();
  const { address, latitude, longitude } = location;
  const label = address ?? (latitude !== null && longitude !== null ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}` : "");
  return (
    <span className="pin">
      <MapPin size={22} aria-hidden />
      <span>
        <strong>{label}</strong>
        {latitude !== null && longitude !== null ? (
          <a href={mapLink(latitude, longitude)} target="_blank" rel="noreferrer">
            {t("chat.openMap")}
          </a>
        ) : null}
      </span>
    </span>
  );
}
