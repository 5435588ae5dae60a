import { answer, type Api } from "../api/client";
import { keep, kept } from "./kept";

const KEY = "teduh.push";

/** Whether this browser can take messages while the page is closed. */
export const canPush = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Whether this browser takes them for this user. */
export const isPushed = (userId: string) => kept(KEY)?.startsWith(`${userId} `) === true && Notification.permission === "granted";

/** A key in base64url as the browser wants it. */
function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Asks for the permission, subscribes, and tells the server; false if somebody does not want it. */
export async function turnPushOn(api: Api, userId: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const { publicKey } = await answer(api.GET("/push-key"));
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) };
  const subscription = await registration.pushManager.subscribe(options);
  const { endpoint, keys } = subscription.toJSON();
  const body = { endpoint: endpoint ?? "", keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" } };
  const { subscriptionId } = await answer(api.POST("/me/push-subscriptions", { body }));
  keep(KEY, `${userId} ${subscriptionId}`);
  return true;
}

export async function turnPushOff(api: Api): Promise<void> {
  const subscriptionId = kept(KEY)?.split(" ")[1];
  if (subscriptionId) await answer(api.DELETE("/me/push-subscriptions/{subscriptionId}", { params: { path: { subscriptionId } } }));
  keep(KEY, null);
  const registration = await navigator.serviceWorker.ready;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
}
