import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Webhook, WebhookDelivery } from "../api/types";
import { problemText, useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { useGrowingList } from "../data/useGrowingList";
import { Button, Choices, Field, Switch } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { Question, Sheet } from "../ui/Sheet";
import { Answer, Empty } from "../ui/states";
import { toast } from "../ui/toasts";
import { BookingLink } from "./BookingLink";
import { DELIVERY_LOOKS } from "./deliveryLooks";
import { useRefetchInterval } from "./refreshing";
import { WEBHOOK_EVENTS } from "./webhookEvents";

const LIST = ["admin", "webhooks"] as const;

/** Other systems that are told of bookings, commissions and reviews. */
export default function WebhooksPage() {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  usePageTitle(t("admin.webhooks.title"));
  const [editing, setEditing] = useState<Webhook | "new" | null>(null);
  const [shown, setShown] = useState<Webhook | null>(null);
  const webhooks = useQuery({ queryKey: LIST, queryFn: () => answer(api.GET("/admin/webhooks")) });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.webhooks.title")}</h1>
        <Button look="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setEditing("new")}>
          {t("admin.webhooks.add")}
        </Button>
      </div>
      <p className="muted">{t("admin.webhooks.text")}</p>
      <Answer query={webhooks}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("admin.webhooks.empty")} />
          ) : (
            <ul className="people">
              {items.map((webhook) => (
                <li key={webhook.webhookId} className={webhook.active ? "card person" : "card person person-away"} data-webhook={webhook.webhookId}>
                  <div className="person-text">
                    <strong className="id">{webhook.url}</strong>
                    <span className="muted small">{webhook.events.join(" · ")}</span>
                    <State webhook={webhook} />
                  </div>
                  <Button size="small" onPress={() => setShown(webhook)} aria-label={t("admin.webhooks.deliveriesOf", { url: webhook.url })}>
                    {t("admin.webhooks.deliveries")}
                  </Button>
                  <Button size="small" onPress={() => setEditing(webhook)} aria-label={t("admin.staff.editOf", { name: webhook.url })}>
                    {t("common.edit")}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {editing ? <WebhookSheet webhook={editing === "new" ? null : editing} onClose={() => setEditing(null)} /> : null}
      {shown ? <DeliveriesSheet webhook={shown} onClose={() => setShown(null)} /> : null}
    </div>
  );
}

/** Whether a webhook works, and since when not. */
function State({ webhook }: { webhook: Webhook }) {
  const words = useWords();
  const { t } = words;
  if (webhook.switchedOffAt) {
    return (
      <span>
        <span className="badge badge-declined">{t("admin.webhooks.switchedOff", { at: words.dateTime(webhook.switchedOffAt, "Asia/Jakarta") })}</span>
      </span>
    );
  }
  if (!webhook.active) {
    return (
      <span>
        <span className="badge badge-cancelled">{t("admin.webhooks.off")}</span>
      </span>
    );
  }
  return webhook.failingSince ? (
    <span>
      <span className="badge badge-pending">{t("admin.webhooks.failingSince", { at: words.dateTime(webhook.failingSince, "Asia/Jakarta") })}</span>
    </span>
  ) : null;
}

function WebhookSheet({ webhook, onClose }: { webhook: Webhook | null; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [url, setUrl] = useState(webhook?.url ?? "https://");
  const [events, setEvents] = useState<string[]>(webhook?.events ?? ["booking.created", "booking.confirmed", "booking.completed"]);
  const [isActive, setIsActive] = useState(webhook?.active ?? true);
  const [secret, setSecret] = useState<string | null>(null);
  const [isRemoving, setIsRemoving] = useState(false);
  const [tried, setTried] = useState(false);
  const path = { webhookId: webhook?.webhookId ?? "" };
  const renew = () => void queries.invalidateQueries({ queryKey: LIST });
  const save = useMutation({
    mutationFn: async () => {
      if (webhook) {
        await answer(api.PATCH("/admin/webhooks/{webhookId}", { params: { path }, body: changesOf(webhook, { url: url.trim(), events, active: isActive }) }));
        return null;
      }
      return (await answer(api.POST("/admin/webhooks", { body: { url: url.trim(), events } }))).secret;
    },
    onSuccess: (shownOnce) => {
      renew();
      if (shownOnce) setSecret(shownOnce);
      else {
        toast(t("common.saved"), "good");
        onClose();
      }
    },
  });
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/admin/webhooks/{webhookId}", { params: { path } })),
    onSuccess: () => {
      renew();
      onClose();
    },
    onError: sayProblem,
  });
  const wrongUrl = /^https?:\/\/[^\s/]+/.test(url.trim()) ? null : t("admin.webhooks.badUrl");
  const wrongEvents = events.length > 0 ? null : t("admin.webhooks.noEvents");
  const isRefusedUrl = save.isError && (problemOf(save.error).body.errors ?? []).some(({ path }) => path === "url");
  const isUnchanged = webhook !== null && Object.keys(changesOf(webhook, { url: url.trim(), events, active: isActive })).length === 0;
  if (secret !== null) {
    return (
      <Sheet title={t("admin.webhooks.secret")} onClose={onClose}>
        <div className="stack">
          <p className="notice">{t("admin.webhooks.secretOnce")}</p>
          <code className="secret">{secret}</code>
          <div className="row row-end">
            <Button
              onPress={() =>
                void navigator.clipboard.writeText(secret).then(
                  () => toast(t("admin.webhooks.copied"), "good"),
                  () => toast(t("admin.webhooks.notCopied"), "bad"),
                )
              }
            >
              {t("admin.webhooks.copy")}
            </Button>
            <Button look="primary" onPress={onClose}>
              {t("admin.webhooks.kept")}
            </Button>
          </div>
        </div>
      </Sheet>
    );
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (wrongUrl === null && wrongEvents === null) {
      if (isUnchanged) onClose();
      else save.mutate();
    }
  }
  return (
    <Sheet title={webhook ? t("admin.webhooks.change") : t("admin.webhooks.add")} onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <Field
          label={t("admin.webhooks.url")}
          type="url"
          maxLength={2000}
          value={url}
          onChange={setUrl}
          problem={isRefusedUrl ? t("admin.webhooks.privateUrl") : tried ? wrongUrl : null}
        />
        <Choices
          label={t("admin.webhooks.events")}
          values={events}
          onChange={setEvents}
          options={WEBHOOK_EVENTS.map((value) => ({ value, label: value }))}
        />
        {tried && wrongEvents ? <p className="field-problem">{wrongEvents}</p> : null}
        {webhook ? <Switch label={t("admin.webhooks.active")} isOn={isActive} onChange={setIsActive} /> : null}
        {save.isError && !isRefusedUrl ? (
          <p className="notice notice-bad" role="alert">
            {problemText(words, save.error)}
          </p>
        ) : null}
        <div className="row row-between">
          {webhook ? (
            <Button look="danger" onPress={() => setIsRemoving(true)}>
              {t("admin.webhooks.remove")}
            </Button>
          ) : (
            <span />
          )}
          <div className="row">
            <Button onPress={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" look="primary" busy={save.isPending}>
              {t("common.save")}
            </Button>
          </div>
        </div>
      </form>
      {isRemoving ? (
        <Question
          title={t("admin.webhooks.remove")}
          text={t("admin.webhooks.removeText", { url: webhook?.url ?? "" })}
          confirm={t("admin.webhooks.remove")}
          look="danger"
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsRemoving(false)}
        />
      ) : null}
    </Sheet>
  );
}

type Editable = Pick<Webhook, "url" | "events" | "active">;

/** The parts of a webhook that were changed. */
function changesOf(before: Webhook, after: Editable): Partial<Editable> {
  return {
    ...(after.url === before.url ? {} : { url: after.url }),
    ...([...after.events].sort().join() === [...before.events].sort().join() ? {} : { events: after.events }),
    ...(after.active === before.active ? {} : { active: after.active }),
  };
}

/** What a webhook was told, with ways to try it. */
function DeliveriesSheet({ webhook, onClose }: { webhook: Webhook; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const { webhookId } = webhook;
  const queryKey = ["admin", "webhook-deliveries", webhookId];
  const refetchInterval = useRefetchInterval("without events");
  const deliveries = useGrowingList<WebhookDelivery>({
    queryKey,
    refetchInterval,
    idOf: ({ deliveryId }) => deliveryId,
    orderOf: ({ deliveryId }) => deliveryId,
    page: (cursor) =>
      answer(api.GET("/admin/webhooks/{webhookId}/deliveries", { params: { path: { webhookId }, query: cursor ? { cursor } : {} } })),
  });
  const again = {
    onSuccess: () => {
      toast(t("admin.webhooks.onItsWay"), "good");
      void queries.invalidateQueries({ queryKey });
    },
    onError: sayProblem,
  } as const;
  const test = useMutation({
    mutationFn: () => answer(api.POST("/admin/webhooks/{webhookId}/test", { params: { path: { webhookId } } })),
    ...again,
  });
  const replay = useMutation({
    mutationFn: (deliveryId: string) =>
      answer(api.POST("/admin/webhooks/{webhookId}/deliveries/{deliveryId}/replay", { params: { path: { webhookId, deliveryId } } })),
    ...again,
  });
  return (
    <Sheet title={t("admin.webhooks.deliveries")} onClose={onClose}>
      <div className="stack">
        <p className="id">{webhook.url}</p>
        <div className="row">
          <Button busy={test.isPending} onPress={() => test.mutate()}>
            {t("admin.webhooks.test")}
          </Button>
        </div>
        <GrowingList list={deliveries} empty={<Empty title={t("admin.webhooks.nothingTold")} />}>
          {(items) => (
            <ul className="people">
              {items.map((delivery) => (
                <li key={delivery.deliveryId} className="card person" data-delivery={delivery.deliveryId}>
                  <div className="person-text">
                    <strong>{delivery.event}</strong>
                    <span className="muted small">
                      {words.dateTime(delivery.at, "Asia/Jakarta")} · {t("admin.deliveries.attempts", { count: delivery.attempts })}
                      {delivery.responseStatus === null ? "" : ` · HTTP ${delivery.responseStatus}`}
                    </span>
                    {delivery.bookingId ? <BookingLink bookingId={delivery.bookingId} /> : null}
                    <span>
                      <span className={`badge ${DELIVERY_LOOKS[delivery.status]}`}>{t(`delivery.${delivery.status}`)}</span>
                    </span>
                  </div>
                  <Button
                    size="small"
                    busy={replay.isPending && replay.variables === delivery.deliveryId}
                    onPress={() => replay.mutate(delivery.deliveryId)}
                    aria-label={t("admin.webhooks.replayOf", { event: delivery.event })}
                  >
                    {t("admin.webhooks.replay")}
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </GrowingList>
      </div>
    </Sheet>
  );
}
