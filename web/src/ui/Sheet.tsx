import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../app/AppContext";
import { useBackCloses } from "./backLayers";
import { Button, IconButton } from "./controls";

interface SheetProperties {
  title: string;
  onClose(): void;
  children: ReactNode;
  size?: "normal" | "wide";
  /** Which of its pages the sheet shows: another one begins at its top, and with the focus there. */
  page?: string;
}

/** A dialog over the page; on small screens it comes up from below. */
export function Sheet({ title, onClose, children, size = "normal", page = "" }: SheetProperties) {
  const { t } = useWords();
  const body = useRef<HTMLDivElement>(null);
  const shown = useRef(page);
  useBackCloses(onClose);
  useEffect(() => {
    if (shown.current === page || !body.current) return;
    shown.current = page;
    body.current.scrollTop = 0;
    body.current.focus();
  }, [page]);
  return (
    <ModalOverlay className="sheet-backdrop" isOpen isDismissable onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className={`sheet sheet-${size}`}>
        <Dialog className="sheet-dialog">
          <header className="sheet-header">
            <Heading slot="title" className="sheet-title">
              {title}
            </Heading>
            <IconButton label={t("common.close")} icon={<X size={20} aria-hidden />} onPress={onClose} />
          </header>
          <div ref={body} className="sheet-body" tabIndex={-1}>
            {children}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface QuestionProperties {
  title: string;
  text: string;
  confirm: string;
  cancel?: string;
  look?: "primary" | "danger";
  busy?: boolean;
  onConfirm(): void;
  onClose(): void;
  children?: ReactNode;
}

/** Asks before something happens that should not happen by mistake. */
export function Question({ title, text, confirm, cancel, look = "primary", busy = false, onConfirm, onClose, children }: QuestionProperties) {
  const { t } = useWords();
  useBackCloses(onClose);
  return (
    <ModalOverlay className="sheet-backdrop" isOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className="sheet sheet-question">
        <Dialog role="alertdialog" className="sheet-dialog">
          <div className="sheet-body">
            <Heading slot="title" className="sheet-title">
              {title}
            </Heading>
            <p>{text}</p>
            {children}
            <div className="row row-end">
              <Button onPress={onClose}>{cancel ?? t("common.cancel")}</Button>
              <Button look={look} busy={busy} onPress={onConfirm}>
                {confirm}
              </Button>
            </div>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
