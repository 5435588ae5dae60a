import { Download } from "lucide-react";
import { useWords } from "../app/AppContext";
import { Sheet } from "../ui/Sheet";

interface PictureViewerProperties {
  url: string;
  caption: string;
  onClose(): void;
}

/** A picture as large as the window allows. */
export function PictureViewer({ url, caption, onClose }: PictureViewerProperties) {
  const { t } = useWords();
  return (
    <Sheet title={caption || t("chat.picture")} size="wide" onClose={onClose}>
      <figure className="picture-viewer">
        <img src={url} alt={caption || t("chat.picture")} />
        <figcaption>
          <a href={url} download className="button button-secondary button-normal">
            <Download size={18} aria-hidden />
            <span>{t("chat.savePicture")}</span>
          </a>
        </figcaption>
      </figure>
    </Sheet>
  );
}
