import { useState } from "react";
import { keep, kept } from "../app/kept";

/** The columns of the list of bookings that somebody can do without; customer and actions always stay. */
export const COLUMNS = ["therapist", "when", "source", "price", "chat"] as const;
export type Column = (typeof COLUMNS)[number];

const KEY = "teduh.columns";

function keptColumns(): Column[] {
  const said = kept(KEY)?.split(",");
  return said ? COLUMNS.filter((column) => said.includes(column)) : [...COLUMNS];
}

/** Which columns this browser shows; they are the same at the next visit. */
export function useColumns(): [readonly Column[], (columns: Column[]) => void] {
  const [columns, setColumns] = useState(keptColumns);
  return [
    columns,
    (chosen) => {
      const next = COLUMNS.filter((column) => chosen.includes(column));
      keep(KEY, next.join(","));
      setColumns(next);
    },
  ];
}
