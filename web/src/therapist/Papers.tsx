import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Camera, Upload } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { allItems, answer } from "../api/client";
import { ApiProblem } from "../api/problem";
import { isUploadType, upload, UPLOAD_LIMIT_BYTES, UPLOAD_TYPES } from "../api/uploads";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { localDate } from "../customer/catalogue";
import { Button, Choice, DateField, Field } from "../ui/controls";
import { plainLine } from "../ui/plainText";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";

const KINDS = ["stpt", "identity", "certificate"] as const;
const PICTURES = ["image/jpeg", "image/png", "image/webp"] as const;

interface FileButtonProperties {
  label: string;
  types: readonly string[];
  icon: ReactNode;
  busy: boolean;
  isDisabled?: boolean;
  onFile(file: File): void;
}

/** Chooses one file of the device. */
function FileButton({ label, types, icon, busy, isDisabled = false, onFile }: FileButtonProperties) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden
        accept={types.join(",")}
        onChange={({ target }) => {
          const file = target.files?.[0];
          target.value = "";
          if (file) onFile(file);
        }}
      />
      <Button icon={icon} busy={busy} isDisabled={isDisabled} onPress={() => picker.current?.click()}>
        {label}
      </Button>
    </>
  );
}

/** The photo that customers see; it is drawn anew, square. */
export function PhotoSection() {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const send = useMutation({
    mutationFn: async (file: File) => {
      const contentType = PICTURES.find((type) => type === file.type);
      if (!contentType || file.size > UPLOAD_LIMIT_BYTES) throw new ApiProblem("upload_refused", 422);
      const announced = await answer(api.POST("/me/photo", { body: { fileName: file.name, contentType, size: file.size } }));
      await upload(announced.upload, file, file.name);
    },
    onSuccess: () => {
      toast(t("photo.sent"), "good");
      void queries.invalidateQueries({ queryKey: ["catalogue"] });
    },
    onError: sayProblem,
  });
  return (
    <section className="card stack">
      <h2>{t("photo.title")}</h2>
      <p className="muted small">{t("photo.text")}</p>
      <div>
        <FileButton label={t("photo.choose")} types={PICTURES} icon={<Camera size={18} aria-hidden />} busy={send.isPending} onFile={(file) => send.mutate(file)} />
      </div>
    </section>
  );
}

/** Licence, identity and certificates: what was sent in, and what came of it. */
export function PapersSection({ timeZone }: { timeZone: string }) {
  const words = useWords();
  const { t } = words;
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("stpt");
  const [number, setNumber] = useState("");
  const [expiresOn, setExpiresOn] = useState("");
  const papers = useQuery({
    queryKey: ["papers", identity.userId],
    queryFn: () => allItems((cursor) => answer(api.GET("/me/documents", { params: { query: cursor ? { cursor } : {} } }))),
  });
  const isReady = plainLine(number) !== "" && expiresOn > localDate(timeZone);
  const send = useMutation({
    mutationFn: async (file: File) => {
      if (!isUploadType(file.type) || file.size > UPLOAD_LIMIT_BYTES) throw new ApiProblem("upload_refused", 422);
      const body = { kind, number: plainLine(number), expiresOn, fileName: file.name, contentType: file.type, size: file.size };
      const announced = await answer(api.POST("/me/documents", { body }));
      await upload(announced.upload, file, file.name);
      return answer(api.POST("/me/documents/{documentId}/submit", { params: { path: { documentId: announced.documentId } } }));
    },
    onSuccess: () => {
      toast(t("papers.sent"), "good");
      setNumber("");
      setExpiresOn("");
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["papers"] }),
  });
  return (
    <section className="card stack">
      <h2>{t("papers.title")}</h2>
      <Answer query={papers} lines={1}>
        {({ items }) => (
          <ul className="bare stack">
            {items.map((paper) => (
              <li key={paper.documentId} className="stack stack-tight">
                <span className="row row-tight">
                  <strong>{t(`document.${paper.kind}`)}</strong> {paper.number}
                  <span className="badge">{t(`papers.status.${paper.status}`)}</span>
                </span>
                <span className="muted small">{t("papers.until", { date: words.date(`${paper.expiresOn}T12:00:00Z`, "UTC") })}</span>
                {paper.reason ? <span className="bad small lines-kept">{t("desk.money.rejected", { reason: paper.reason })}</span> : null}
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <Choice<(typeof KINDS)[number]> label={t("papers.kind")} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(`document.${value}`) }))} />
      <div className="form-grid">
        <Field label={t("papers.number")} maxLength={64} value={number} onChange={setNumber} />
        <DateField label={t("papers.expiresOn")} value={expiresOn} onChange={setExpiresOn} />
      </div>
      <div>
        <FileButton label={t("papers.send")} types={UPLOAD_TYPES} icon={<Upload size={18} aria-hidden />} busy={send.isPending} isDisabled={!isReady} onFile={(file) => send.mutate(file)} />
      </div>
    </section>
  );
}
