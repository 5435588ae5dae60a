/** Pages of a list as its server gives them. */
export interface ListPage<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** What follows the first page: loaded when somebody wanted more, and not again with every change. */
export interface Further<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** How a list tells its items apart, and in which order they stand: the highest first, or null for another order. */
export interface Shape<Item> {
  idOf(item: Item): string;
  orderOf(item: Item): string | null;
}

/**
 * Keeps what a new first page has pushed down: items of the former one that are not in the new one any more and stand
 * below it go on in what follows. Items that would stand within the new page are gone. Where the two pages have nothing
 * in common, so much has come in between that what follows is to be asked for anew (null).
 */
export function pushedDown<Item>(
  former: ListPage<Item> | undefined,
  present: ListPage<Item>,
  further: Further<Item> | null | undefined,
  { idOf, orderOf }: Shape<Item>,
): Further<Item> | null {
  const last = present.items.at(-1);
  if (!further || !former || !last) return further ?? null;
  const first = new Set(present.items.map(idOf));
  if (!former.items.some((item) => first.has(idOf(item)))) return null;
  const known = new Set([...first, ...further.items.map(idOf)]);
  const end = orderOf(last);
  const below = former.items.filter((item) => {
    const order = orderOf(item);
    return !known.has(idOf(item)) && order !== null && end !== null && order <= end;
  });
  return below.length === 0 ? further : { ...further, items: [...below, ...further.items] };
}

/** First page and what follows as one list, each item once: as the first page has it, which is the newest word. */
export function joined<Item>(first: ListPage<Item> | undefined, further: Further<Item> | null | undefined, { idOf }: Pick<Shape<Item>, "idOf">): Item[] {
  const known = new Set<string>();
  return [...(first?.items ?? []), ...(further?.items ?? [])].filter((item) => {
    const isNew = !known.has(idOf(item));
    known.add(idOf(item));
    return isNew;
  });
}
