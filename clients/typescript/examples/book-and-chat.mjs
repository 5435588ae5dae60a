// Book a visit as a guest, have it accepted, and chat. Against the system of `make run`, after `make client`:
//
//     node clients/typescript/examples/book-and-chat.mjs .local/outputs.json "$(make token USER_ID=t-budi)"
import { readFile } from "node:fs/promises";
import { answer, connect, createApi } from "../dist/index.js";

const [file, therapistToken] = process.argv.slice(2);
if (!file || !therapistToken) {
  console.error("usage: book-and-chat.mjs OUTPUTS_FILE THERAPIST_TOKEN");
  process.exit(2);
}
const { restUrl, webSocketUrl } = JSON.parse(await readFile(file, "utf8"));
const as = (token) => createApi(restUrl, { token: async () => token, refused: async () => null });

const guest = await answer(createApi(restUrl).POST("/guest-sessions", { body: { language: "en" } }));
const customer = as(guest.token);
const therapist = as(therapistToken);
const { therapistId } = await answer(therapist.GET("/me"));

const created = await answer(
  customer.POST("/bookings", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      therapistId,
      bookingType: "immediate",
      duration: 90,
      customerName: "Maya",
      customerWhatsApp: `+62812${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`,
      hotelVillaId: "h-tepi-sawah",
      roomNumber: "7",
    },
  }),
);
const { bookingId, price, currency, status } = created.booking;
const conversationId = created.room.conversationId;
console.log(`booked ${bookingId} for ${price} ${currency}: ${status}`);

const here = connect(customer, { webSocketUrl, userId: guest.customerId, role: "customer", ticket: created.chatTicket });
const there = connect(therapist, { webSocketUrl, userId: therapistId, role: "therapist" });
const room = here.room(conversationId);

const path = { params: { path: { bookingId } } };
const accepted = await answer(therapist.POST("/bookings/{bookingId}/accept", path));
console.log(`accepted, commission ${accepted.commission.commissionAmount}`);
const { sequence } = await there.send(conversationId, "I am on my way.");

await new Promise((resolve) => {
  const look = () => room.last >= sequence && resolve();
  room.onChange(look);
  look();
});
for (const message of room.snapshot.items) {
  console.log(`${String(message.sequence).padStart(3)} ${message.senderRole}: ${message.message}`);
}
await here.markRead(conversationId, sequence);
const done = await answer(therapist.POST("/bookings/{bookingId}/complete", path));
console.log(`done: ${done.booking.status}`);
here.stop();
there.stop();
