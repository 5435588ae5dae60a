import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ban, Flag } from "lucide-react";
import { useState } from "react";
import { answer } from "../api/client";
import type { Room } from "../api/types";
import { problemText, useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button, Choice, Field } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { Question, Sheet } from "../ui/Sheet";
import { toast } from "../ui/toasts";
import { otherName } from "./people";

const REASONS = ["harassment", "money", "contact", "noShow", "other"] as const;

interface ReportSheetProperties {
  conversationId: string;
  /** The message that is meant, or the whole room. */
  sequence?: number;
  onClose(): void;
}

/** Tells staff of something that is not right; they look at it within a day. */
export function ReportSheet({ conversationId, sequence, onClose }: ReportSheetProperties) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const [reason, setReason] = useState<(typeof REASONS)[number] | null>(null);
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const send = useMutation({
    mutationFn: () => {
      const said = plainLines(text);
      const about = reason ? t(`report.reason.${reason}`) : "";
      const body = { conversationId, reason: about, ...(sequence ? { sequence } : {}), ...(said ? { text: said } : {}) };
      return answer(api.POST("/reports", { body }));
    },
    onSuccess: () => {
      toast(t("report.done"), "good");
      onClose();
    },
  });
  return (
    <Sheet title={sequence ? t("report.message") : t("report.room")} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (reason) send.mutate();
        }}
      >
        <p className="muted">{t("report.text")}</p>
        <Choice<(typeof REASONS)[number]>
          label={t("common.reason")}
          value={reason}
          onChange={setReason}
          options={REASONS.map((value) => ({ value, label: t(`report.reason.${value}`) }))}
        />
        {tried && !reason ? (
          <p className="field-problem" role="alert">
            {t("common.reasonRequired")}
          </p>
        ) : null}
        <Field label={t("report.words")} rows={4} maxLength={4000} value={text} onChange={setText} />
        {send.isError ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, send.error)}
          </p>
        ) : null}
        <div className="row row-end">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={send.isPending}>
            {t("report.send")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}

/** Reporting and blocking the other party of a room. */
export function SafetyActions({ room }: { room: Room }) {
  const { t } = useWords();
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [isReporting, setIsReporting] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const isBlocked = room.blockedBy.some((role) => role === identity.role);
  const name = otherName(room, identity.role);
  const change = useMutation({
    mutationFn: (wanted: boolean) => {
      const params = { path: { conversationId: room.conversationId } };
      return wanted
        ? answer(api.POST("/rooms/{conversationId}/block", { params }))
        : answer(api.DELETE("/rooms/{conversationId}/block", { params }));
    },
    onSuccess: (_, wanted) => toast(wanted ? t("block.done") : t("block.lifted"), "good"),
    onError: sayProblem,
    onSettled: () => {
      setIsAsking(false);
      void queries.invalidateQueries({ queryKey: ["room", room.conversationId] });
    },
  });
  if (identity.role === "admin") return null;
  return (
    <div className="row">
      <Button size="small" look="quiet" icon={<Flag size={16} aria-hidden />} onPress={() => setIsReporting(true)}>
        {t("report.open")}
      </Button>
      {isBlocked ? (
        <Button size="small" look="quiet" icon={<Ban size={16} aria-hidden />} busy={change.isPending} onPress={() => change.mutate(false)}>
          {t("block.lift", { name })}
        </Button>
      ) : (
        <Button size="small" look="quiet" icon={<Ban size={16} aria-hidden />} onPress={() => setIsAsking(true)}>
          {t("block.open", { name })}
        </Button>
      )}
      {isReporting ? <ReportSheet conversationId={room.conversationId} onClose={() => setIsReporting(false)} /> : null}
      {isAsking ? (
        <Question
          title={t("block.title", { name })}
          text={t("block.text")}
          confirm={t("block.confirm")}
          look="danger"
          busy={change.isPending}
          onConfirm={() => change.mutate(true)}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
    </div>
  );
}
