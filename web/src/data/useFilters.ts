import { useSearchParams } from "wouter";

/**
 * What a page shows, kept in its address: going back, a reload and a shared link find the same. Values that are not
 * among the known ones of their name count as not given.
 */
export function useFilters<Filters extends Record<string, string>>(
  none: Filters,
  known: { readonly [Name in keyof Filters]?: readonly string[] } = {},
): [Filters, (filters: Filters) => void] {
  const [parameters, setParameters] = useSearchParams();
  const filters = Object.fromEntries(
    Object.entries(none).map(([name, nothing]) => {
      const given = parameters.get(name);
      return [name, given !== null && (known[name]?.includes(given) ?? true) ? given : nothing];
    }),
  ) as Filters;
  const change = (next: Filters) =>
    setParameters(
      (present) => {
        const changed = new URLSearchParams(present);
        for (const [name, value] of Object.entries(next)) {
          if (value === none[name]) changed.delete(name);
          else changed.set(name, value);
        }
        return changed;
      },
      { replace: true, state: history.state as unknown },
    );
  return [filters, change];
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day in an address, or nothing if it is none. */
export const dayOf = (text: string): string => (DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : "");
