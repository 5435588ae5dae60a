import { MapPin, Paperclip, SendHorizontal } from "lucide-react";
import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { shareFile } from "../api/attachments";
import { isUploadType, UPLOAD_LIMIT_BYTES, UPLOAD_TYPES } from "../api/uploads";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { IconButton } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { toast } from "../ui/toasts";
import { whereAmI } from "./position";

const LONGEST = 4_000;
const TYPING_EVERY = 3_000;

export function Composer({ conversationId }: { conversationId: string }) {
  const { t } = useWords();
  const { realtime, api } = useLive();
  const sayProblem = useProblemToast();
  const [text, setText] = useState("");
  const [isUploading, setIsUploading] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const lastTyping = useRef(0);

  function write(next: string) {
    setText(next);
    if (Date.now() - lastTyping.current < TYPING_EVERY || !next) return;
    lastTyping.current = Date.now();
    if (realtime.session.state === "open") realtime.session.tell({ action: "typing", conversationId });
  }

  function send(event?: FormEvent) {
    event?.preventDefault();
    const message = plainLines(text);
    if (!message) return;
    realtime.send(conversationId, { message, messageType: "text" });
    lastTyping.current = 0;
    setText("");
  }

  function keyPressed(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
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
        rows={1}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keyPressed}
      />
      <IconButton label={t("chat.send")} type="submit" icon={<SendHorizontal size={20} aria-hidden />} />
    </form>
  );
}
