import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answer } from "../api/client";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Countdown } from "../ui/bits";
import { Button } from "../ui/controls";
import { QrCode } from "../ui/QrCode";
import { Sheet } from "../ui/Sheet";
import { Loading } from "../ui/states";

const LOOK_EVERY = 3_000;

/** Pays a commission by QRIS: shows the code, and stays until the money has arrived. */
export default function PaySheet({ bookingId, onClose }: { bookingId: string; onClose(): void }) {
  const words = useWords();
  const { t, money } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const begin = useMutation({
    mutationFn: () => answer(api.POST("/commissions/{bookingId}/payments", { params: { path: { bookingId } } })),
  });
  const { mutate: ask } = begin;
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    ask();
  }, [ask]);
  const paymentId = begin.data?.paymentId;
  const present = useQuery({
    queryKey: ["payment", paymentId],
    enabled: paymentId !== undefined,
    queryFn: () => answer(api.GET("/payments/{paymentId}", { params: { path: { paymentId: paymentId ?? "" } } })),
    refetchInterval: ({ state }) => (state.data && state.data.status !== "pending" ? false : LOOK_EVERY),
  });
  const payment = present.data ?? begin.data;
  const isSettled = payment !== undefined && payment.status !== "pending";
  useEffect(() => {
    if (isSettled) void queries.invalidateQueries({ queryKey: ["money"] });
  }, [isSettled, queries]);
  return (
    <Sheet title={t("desk.money.pay")} onClose={onClose}>
      <div className="stack">
        {begin.isError ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, begin.error)}
          </p>
        ) : !payment ? (
          <Loading lines={3} />
        ) : payment.status === "pending" ? (
          <>
            <p>{t("desk.money.payText", { amount: money(payment.amount) })}</p>
            {payment.qrString ? <QrCode text={payment.qrString} label={t("desk.money.payCode", { amount: money(payment.amount) })} /> : <Loading lines={3} />}
            <p className="row">
              <Countdown deadline={payment.expiresAt} />
            </p>
            <p className="muted small" role="status">
              {t("desk.money.payWaiting")}
            </p>
          </>
        ) : (
          <p className={payment.status === "expired" ? "notice notice-bad" : "notice"} role="status">
            {t(`desk.money.pay.${payment.status}`)}
          </p>
        )}
        <div className="row row-end">
          {begin.isError || payment?.status === "expired" ? <Button onPress={() => ask()}>{t("common.tryAgain")}</Button> : null}
          <Button look={isSettled ? "primary" : "secondary"} onPress={onClose}>
            {t("common.close")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
