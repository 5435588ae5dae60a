import { useMutation } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { problemOf } from "../api/problem";
import type { Message, Room } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { lazyPart } from "../app/recovery";
import { serverNow } from "../app/serverClock";
import { beginningOf } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { toast } from "../ui/toasts";

const ReportSheet = lazyPart(async () => ({ default: (await import("./SafetyActions")).ReportSheet }));

/** What the next text is for, if it is no message of its own. */
export interface Purpose {
  kind: "reply" | "edit";
  message: Message;
}

const CHANGES_WITHIN = 15 * 60_000;

interface MessageMenuProperties {
  message: Message;
  room: Room;
  onCompose(purpose: Purpose): void;
}

/** What a reader can do with one message. */
export function MessageMenu({ message, room, onCompose }: MessageMenuProperties) {
  const { t } = useWords();
  const { identity, realtime } = useLive();
  const sayProblem = useProblemToast();
  const [isDeleting, setIsDeleting] = useState(false);
  const [isReporting, setIsReporting] = useState(false);
  const canWrite = room.actions.includes("sendMessage") && !message.deleted;
  const isOwn = message.senderId === identity.userId;
  const remove = useMutation({
    mutationFn: () => realtime.remove(message.conversationId, message.sequence),
    onError: (failure) => (problemOf(failure).code === "deadline_passed" ? toast(t("chat.tooLate"), "bad") : sayProblem(failure)),
    onSettled: () => setIsDeleting(false),
  });
  if (message.deleted || message.senderRole === "system") return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(message.message);
      toast(t("chat.copied"), "good");
    } catch {
      toast(t("chat.notCopied"), "bad");
    }
  };
  const isNew = serverNow() - Date.parse(message.timestamp) < CHANGES_WITHIN;
  const canChange = canWrite && isOwn && isNew && message.messageType === "text";
  return (
    <>
      <MenuTrigger>
        <AriaButton className="bubble-menu" aria-label={t("chat.menuOf", { text: beginningOf(message.message, 30) })}>
          <Ellipsis size={16} aria-hidden />
        </AriaButton>
        <Popover className="menu-popover">
          <Menu className="menu-list">
            {canWrite ? (
              <MenuItem className="menu-choice" onAction={() => onCompose({ kind: "reply", message })}>
                {t("chat.reply")}
              </MenuItem>
            ) : null}
            <MenuItem className="menu-choice" onAction={() => void copy()}>
              {t("chat.copy")}
            </MenuItem>
            {canChange ? (
              <MenuItem className="menu-choice" onAction={() => onCompose({ kind: "edit", message })}>
                {t("chat.edit")}
              </MenuItem>
            ) : null}
            {isOwn || identity.role === "admin" ? null : (
              <MenuItem className="menu-choice" onAction={() => setIsReporting(true)}>
                {t("report.open")}
              </MenuItem>
            )}
            {canChange ? (
              <MenuItem className="menu-choice" onAction={() => setIsDeleting(true)}>
                {t("chat.delete")}
              </MenuItem>
            ) : null}
          </Menu>
        </Popover>
      </MenuTrigger>
      {isReporting ? (
        <ReportSheet conversationId={message.conversationId} sequence={message.sequence} onClose={() => setIsReporting(false)} />
      ) : null}
      {isDeleting ? (
        <Question
          title={t("chat.delete.title")}
          text={t("chat.delete.text")}
          confirm={t("chat.delete")}
          look="danger"
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsDeleting(false)}
        />
      ) : null}
    </>
  );
}
