import { MapPin, Paperclip, SendHorizontal, X } from "lucide-react";
import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { shareFile } from "../api/attachments";
import { problemOf } from "../api/problem";
import { isUploadType, UPLOAD_LIMIT_BYTES, UPLOAD_TYPES } from "../api/uploads";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { IconButton } from "../ui/controls";
import { beginningOf, plainLines } from "../ui/plainText";
import { toast } from "../ui/toasts";
import { keepWords, keptWords } from "./drafts";
import type { Purpose } from "./MessageMenu";
import { whereAmI } from "./position";

const LONGEST = 4_000;
const TYPING_EVERY = 3_000;

/** A message grows up to so many lines; more of them scroll. */
const MOST_LINES = 6;

interface ComposerProperties {
  conversationId: string;
  /** Which message is answered or edited. */
  purpose: Purpose | null;
  /** That message is dealt with. */
  onDone(): void;
}

export function Composer({ conversationId, purpose, onDone }: ComposerProperties) {
  const { t } = useWords();
  const { realtime, api, identity } = useLive();
  const sayProblem = useProblemToast();
  const edited = purpose?.kind === "edit" ? purpose.message : null;
  const [text, setText] = useState(() => edited?.message ?? keptWords(identity.userId, conversationId));
  const [isSaving, setIsSaving] = useState(false);
  const [isUploading, setIsUploading] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const lastTyping = useRef(0);

  function write(next: string) {
    setText(next);
    if (!edited) keepWords(identity.userId, conversationId, next);
    if (Date.now() - lastTyping.current < TYPING_EVERY || !next) return;
    lastTyping.current = Date.now();
    if (realtime.session.state === "open") realtime.session.tell({ action: "typing", conversationId });
  }

  function send(event?: FormEvent) {
    event?.preventDefault();
    const message = plainLines(text);
    if (!message) return;
    if (edited) return void save(edited.sequence, message);
    realtime.send(conversationId, { message, messageType: "text", ...(purpose ? { replyTo: purpose.message.sequence } : {}) });
    lastTyping.current = 0;
    setText("");
    keepWords(identity.userId, conversationId, "");
    onDone();
  }

  async function save(sequence: number, message: string) {
    setIsSaving(true);
    try {
      if (message !== edited?.message) await realtime.edit(conversationId, sequence, message);
      onDone();
    } catch (failure) {
      if (problemOf(failure).code === "deadline_passed") toast(t("chat.tooLate"), "bad");
      else sayProblem(failure);
    } finally {
      setIsSaving(false);
    }
  }

  function keyPressed(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Escape" && purpose) return onDone();
    // A telephone's keyboard has no other key for a line break.
    const isByTouch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || isByTouch || event.nativeEvent.isComposing) return;
    send(event);
  }

  async function attach(file: File | undefined) {
    if (!file) return;
    if (!isUploadType(file.type)) return toast(t("chat.wrongType"), "bad");
    if (file.size > UPLOAD_LIMIT_BYTES) return toast(t("chat.imageTooLarge"), "bad");
    setIsUploading(true);
    try {
      const attachmentId = await shareFile(api, conversationId, file);
      const isImage = file.type.startsWith("image/");
      realtime.send(conversationId, {
        message: plainLines(text) || (isImage ? t("chat.picture") : t("chat.document")),
        messageType: isImage ? "image" : "file",
        attachmentId,
      });
      setText("");
      keepWords(identity.userId, conversationId, "");
    } catch (failure) {
      sayProblem(failure);
    } finally {
      setIsUploading(false);
      if (picker.current) picker.current.value = "";
    }
  }

  async function sendLocation() {
    try {
      realtime.send(conversationId, { message: t("chat.locationOf"), messageType: "location", location: await whereAmI() });
    } catch {
      toast(t("book.locationFailed"), "bad");
    }
  }

  return (
    <form className="composer" onSubmit={send}>
      {purpose ? (
        <div className="composer-purpose">
          <span className="small">
            <strong>{edited ? t("chat.editing") : t("chat.answering")}</strong> {beginningOf(purpose.message.message, 120)}
          </span>
          <IconButton label={t("common.cancel")} icon={<X size={18} aria-hidden />} onPress={onDone} />
        </div>
      ) : null}
      <input
        ref={picker}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden
        accept={UPLOAD_TYPES.join(",")}
        onChange={(event) => void attach(event.target.files?.[0])}
      />
      <IconButton
        label={isUploading ? t("chat.uploading") : t("chat.attach")}
        icon={<Paperclip size={20} aria-hidden />}
        isDisabled={isUploading}
        onPress={() => picker.current?.click()}
      />
      <IconButton label={t("chat.shareLocation")} icon={<MapPin size={20} aria-hidden />} onPress={() => void sendLocation()} />
      <textarea
        className="input composer-text"
        aria-label={t("chat.write")}
        placeholder={isUploading ? t("chat.uploading") : t("chat.write")}
        rows={Math.min(MOST_LINES, text.split("\n").length)}
        autoFocus={purpose !== null}
        disabled={isSaving}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keyPressed}
      />
      <IconButton label={t("chat.send")} type="submit" icon={<SendHorizontal size={20} aria-hidden />} />
    </form>
  );
}
