/** The areas that visitors look in, with their middles; therapists state coordinates, people speak of names. */
export interface Area {
  id: string;
  name: string;
  latitude: number;
  longitude: number;
}

export const AREAS: readonly Area[] = [
  { id: "ubud", name: "Ubud", latitude: -8.5069, longitude: 115.2625 },
  { id: "canggu", name: "Canggu", latitude: -8.6478, longitude: 115.1385 },
  { id: "seminyak", name: "Seminyak", latitude: -8.6913, longitude: 115.1682 },
  { id: "kuta", name: "Kuta", latitude: -8.7237, longitude: 115.1752 },
  { id: "sanur", name: "Sanur", latitude: -8.6783, longitude: 115.2636 },
  { id: "denpasar", name: "Denpasar", latitude: -8.6705, longitude: 115.2126 },
  { id: "jimbaran", name: "Jimbaran", latitude: -8.7908, longitude: 115.1659 },
  { id: "nusa-dua", name: "Nusa Dua", latitude: -8.8009, longitude: 115.2303 },
  { id: "uluwatu", name: "Uluwatu", latitude: -8.8291, longitude: 115.0849 },
  { id: "amed", name: "Amed", latitude: -8.3366, longitude: 115.6533 },
  { id: "lovina", name: "Lovina", latitude: -8.1581, longitude: 115.0266 },
  { id: "gili", name: "Gili Trawangan", latitude: -8.3514, longitude: 116.0389 },
  { id: "kuta-lombok", name: "Kuta Lombok", latitude: -8.8943, longitude: 116.2831 },
  { id: "labuan-bajo", name: "Labuan Bajo", latitude: -8.4964, longitude: 119.8877 },
  { id: "yogyakarta", name: "Yogyakarta", latitude: -7.7956, longitude: 110.3695 },
  { id: "surabaya", name: "Surabaya", latitude: -7.2575, longitude: 112.7521 },
  { id: "bandung", name: "Bandung", latitude: -6.9175, longitude: 107.6191 },
  { id: "jakarta", name: "Jakarta", latitude: -6.2088, longitude: 106.8456 },
  { id: "medan", name: "Medan", latitude: 3.5952, longitude: 98.6722 },
  { id: "makassar", name: "Makassar", latitude: -5.1477, longitude: 119.4327 },
];

interface Point {
  latitude: number;
  longitude: number;
}

const EARTH_KM = 6371;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** The distance along the surface. */
export function kilometresBetween(one: Point, other: Point): number {
  const half = (first: number, second: number) => Math.sin(radians(second - first) / 2) ** 2;
  const across = Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude));
  return 2 * EARTH_KM * Math.asin(Math.sqrt(half(one.latitude, other.latitude) + across * half(one.longitude, other.longitude)));
}

/** No name fits a place that is further away than this from all of them. */
const NAMED_WITHIN_KM = 25;

/** What people call the area around a place; null where we have no name for it. */
export function areaAround(point: Point): string | null {
  const [nearest] = AREAS.map((area) => ({ area, away: kilometresBetween(point, area) })).sort((one, other) => one.away - other.away);
  return nearest && nearest.away <= NAMED_WITHIN_KM ? nearest.area.name : null;
}
