import { useQuery } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { useEffect, useState } from "react";
import { fetchAttachment } from "../api/attachments";
import { problemOf } from "../api/problem";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { PictureViewer } from "./PictureViewer";

/** A picture, or a link to a document; a file that was just sent is checked first, which takes a moment. */
export function AttachmentView({ attachmentId, isImage, caption }: { attachmentId: string; isImage: boolean; caption: string }) {
  const { t } = useWords();
  const { api, identity } = useLive();
  const file = useQuery({
    queryKey: ["attachment", identity.userId, attachmentId],
    queryFn: () => fetchAttachment(api, attachmentId),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: (count, failure) => (problemOf(failure).code === "not_found" ? count < 12 : count < 2),
    retryDelay: (count) => Math.min(1_000 + 500 * count, 4_000),
  });
  const [isShown, setIsShown] = useState(false);
  const url = useObjectUrl(file.data ?? null);
  if (!url) {
    return (
      <span className="attachment-waiting" role="status">
        <FileText size={20} aria-hidden />
        {file.isError ? t("common.failed.title") : t("chat.fileWaiting")}
      </span>
    );
  }
  if (isImage || file.data?.type.startsWith("image/")) {
    return (
      <>
        <button type="button" className="attachment-image" aria-label={t("chat.showPicture")} onClick={() => setIsShown(true)}>
          <img src={url} alt={caption || t("chat.picture")} />
        </button>
        {isShown ? <PictureViewer url={url} caption={caption} onClose={() => setIsShown(false)} /> : null}
      </>
    );
  }
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" className="attachment-file">
      <FileText size={20} aria-hidden />
      {t("chat.openFile")}
    </a>
  );
}

function useObjectUrl(blob: Blob | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const created = URL.createObjectURL(blob);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [blob]);
  return url;
}
