import { Check, CheckCheck, Clock, TriangleAlert } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Message } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { ApiProblem } from "../api/problem";
import type { Outgoing } from "../realtime/Outbox";
import { Button } from "../ui/controls";
import { beginningOf } from "../ui/plainText";
import { AttachmentView } from "./AttachmentView";
import { LocationPin } from "./LocationPin";
import { isOnlyAName } from "./captions";
import { MessageText } from "./MessageText";

interface MessageBubbleProperties {
  message: Message;
  isOwn: boolean;
  isRead: boolean;
  isHighlighted: boolean;
  /** The message that it answers, where that is in memory. */
  answered: Message | undefined;
  onShow(sequence: number): void;
  /** What can be done to it. */
  menu: ReactNode;
}

export const MessageBubble = memo(function MessageBubble({ message, isOwn, isRead, isHighlighted, answered, onShow, menu }: MessageBubbleProperties) {
  const { t, time } = useWords();
  const isSystem = message.senderRole === "system";
  const side = isSystem ? "system" : isOwn ? "own" : "other";
  return (
    <div
      className={`bubble bubble-${side} bubble-type-${message.messageType}${isHighlighted ? " bubble-highlighted" : ""}`}
      data-sequence={message.sequence}
    >
      {!isOwn && !isSystem ? <span className="bubble-sender">{message.senderName || t(`role.${message.senderRole}`)}</span> : null}
      {message.replyTo !== null && !message.deleted ? (
        <button type="button" className="bubble-quote" onClick={() => message.replyTo !== null && onShow(message.replyTo)}>
          <span className="visually-hidden">{t("chat.answers")} </span>
          {answered ? (answered.deleted ? t("chat.deleted") : beginningOf(answered.message, 120)) : t("chat.earlier")}
        </button>
      ) : null}
      {message.attachmentId && !message.deleted ? (
        <AttachmentView attachmentId={message.attachmentId} isImage={message.messageType === "image"} caption={message.message} />
      ) : null}
      {message.location && message.messageType === "location" ? <LocationPin location={message.location} /> : null}
      {message.deleted ? (
        <p className="bubble-text bubble-deleted">{t("chat.deleted")}</p>
      ) : isOnlyAName(message) ? null : (
        <p className="bubble-text">
          <MessageText text={message.message} />
        </p>
      )}
      {message.deleted ? null : <Translation message={message} isOwn={isOwn} />}
      {message.masked && !message.deleted ? <p className="bubble-hint small">{t("chat.masked")}</p> : null}
      <span className="bubble-foot">
        {menu}
        {message.editedAt && !message.deleted ? <span>{t("chat.edited")}</span> : null}
        <time dateTime={message.timestamp}>{time(message.timestamp)}</time>
        {isOwn ? <Mark icon={isRead ? <CheckCheck size={15} aria-hidden /> : <Check size={15} aria-hidden />} text={isRead ? t("chat.read") : t("chat.sent")} /> : null}
      </span>
    </div>
  );
});

/** What another wrote, in the reader's language, below the original. */
function Translation({ message, isOwn }: { message: Message; isOwn: boolean }) {
  const { t, locale } = useWords();
  const text = message.translations[locale.slice(0, 2)];
  if (isOwn || !text) return null;
  return (
    <p className="bubble-translation" lang={locale}>
      <span className="visually-hidden">{t("chat.translation")} </span>
      {text}
    </p>
  );
}

function Mark({ icon, text }: { icon: ReactNode; text: string }) {
  return (
    <span className="bubble-mark">
      {icon}
      <span className="visually-hidden">{text}</span>
    </span>
  );
}

/** A message that is not acknowledged yet. */
export function OutgoingBubble({ entry, onRetry, onDrop }: { entry: Outgoing; onRetry(): void; onDrop(): void }) {
  const words = useWords();
  const { t } = words;
  return (
    <div className="bubble bubble-own bubble-waiting" data-client-message-id={entry.clientMessageId}>
      {entry.location ? (
        <LocationPin
          location={{
            address: entry.location.address ?? null,
            latitude: entry.location.latitude ?? null,
            longitude: entry.location.longitude ?? null,
          }}
        />
      ) : null}
      <p className="bubble-text">{entry.message}</p>
      {entry.refusal ? (
        <span className="bubble-foot bubble-refused">
          <TriangleAlert size={15} aria-hidden />
          {t("chat.notSent")}: {problemText(words, new ApiProblem(entry.refusal, 422))}
          <Button size="small" look="quiet" onPress={onRetry}>
            {t("chat.retry")}
          </Button>
          <Button size="small" look="quiet" onPress={onDrop}>
            {t("chat.drop")}
          </Button>
        </span>
      ) : (
        <span className="bubble-foot">
          <Clock size={14} aria-hidden />
          <span>{t("chat.waiting")}</span>
        </span>
      )}
    </div>
  );
}
