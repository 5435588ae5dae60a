import { X } from "lucide-react";
import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";

type Tone = "good" | "bad" | "plain";

const queue = new ToastQueue<{ text: string; tone: Tone }>({ maxVisibleToasts: 3 });

/** Says something in passing; bad news stay a little longer. */
export function toast(text: string, tone: Tone = "plain"): void {
  queue.add({ text, tone }, { timeout: tone === "bad" ? 9_000 : 5_000 });
}

export function Toasts({ closeLabel }: { closeLabel: string }) {
  return (
    <ToastRegion queue={queue} className="toasts">
      {({ toast: shown }) => (
        <Toast toast={shown} className={`toast toast-${shown.content.tone}`}>
          <ToastContent className="toast-content">
            <Text slot="title">{shown.content.text}</Text>
          </ToastContent>
          <Button slot="close" className="icon-button" aria-label={closeLabel}>
            <X size={18} aria-hidden />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
