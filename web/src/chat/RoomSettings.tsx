import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer } from "../api/client";
import type { Room } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Switch } from "../ui/controls";

/** Whether others' messages come in the reader's language, too, where messages are translated at all. */
export function TranslationSwitch({ room }: { room: Room }) {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const key = ["room", room.conversationId];
  const change = useMutation({
    mutationFn: (enabled: boolean) =>
      answer(
        api.POST("/rooms/{conversationId}/translation", {
          params: { path: { conversationId: room.conversationId } },
          body: { enabled },
        }),
      ),
    onSuccess: ({ enabled, language }) =>
      queries.setQueryData<Room>(key, (shown) => (shown ? { ...shown, translation: { enabled, language } } : shown)),
    onError: sayProblem,
  });
  if (!room.translation) return null;
  return (
    <Switch
      label={t("chat.translate")}
      isOn={change.isPending ? change.variables : room.translation.enabled}
      onChange={(enabled) => change.mutate(enabled)}
    />
  );
}
