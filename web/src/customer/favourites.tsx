import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Heart } from "lucide-react";
import { allItems, answer } from "../api/client";
import { useApp, useProblemToast, useWords } from "../app/AppContext";
import { useLiveOrNull } from "../app/LiveContext";
import { IconButton } from "../ui/controls";

/** The ids of the customer's favourites; none for somebody who only looks around. */
export function useFavourites(): ReadonlySet<string> {
  const live = useLiveOrNull();
  const isCustomer = live?.identity.role === "customer";
  const found = useQuery({
    queryKey: ["favourites", live?.identity.userId],
    enabled: isCustomer,
    staleTime: 5 * 60_000,
    queryFn: async () =>
      live ? allItems((cursor) => answer(live.api.GET("/me/favourites", { params: { query: cursor ? { cursor } : {} } }))) : { items: [] },
  });
  return new Set(found.data?.items.map(({ therapistId }) => therapistId));
}

/** A heart to keep somebody by. */
export function FavouriteButton({ therapistId, name }: { therapistId: string; name: string }) {
  const { apiFor, identities } = useApp();
  const { t } = useWords();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const isFavourite = useFavourites().has(therapistId);
  const change = useMutation({
    mutationFn: async (wanted: boolean) => {
      const api = apiFor(await identities.ensureCustomer());
      const params = { path: { therapistId } };
      return wanted
        ? answer(api.PUT("/me/favourites/{therapistId}", { params }))
        : answer(api.DELETE("/me/favourites/{therapistId}", { params }));
    },
    onError: sayProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["favourites"] }),
  });
  const isShown = change.isPending ? change.variables : isFavourite;
  return (
    <IconButton
      label={isShown ? t("favourite.remove", { name }) : t("favourite.add", { name })}
      icon={<Heart size={20} aria-hidden className={isShown ? "favourite" : ""} />}
      onPress={() => change.mutate(!isShown)}
    />
  );
}
