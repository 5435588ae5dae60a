import { known, who, type Pages } from "./pages";

/** The pages that the law and people's questions ask for, in English. */
export const pages: Pages = {
  terms: (operator) => [
    {
      heading: "Who offers what",
      paragraphs: [
        `${who(operator)} runs this marketplace. It brings customers and independent massage therapists and places together. The massage itself is a contract between you and the therapist.`,
        "Massages offered here are for wellbeing. They are no medical treatment, and nothing of a sexual kind is offered. A therapist may leave at once where this is not respected.",
      ],
    },
    {
      heading: "Booking",
      paragraphs: [
        "A request is binding once the therapist has accepted it. Until the time shown is over, the therapist may accept or decline. The price shown before you send the request is the price you pay.",
        "You pay the therapist directly, in one of the ways that the therapist's page names, unless something else is shown.",
      ],
    },
    {
      heading: "Moving and cancelling",
      paragraphs: [
        "Before a visit begins you can cancel it or suggest another time in its chat. Whether cancelling costs anything is shown before you confirm it, and never more than what is shown.",
        "If a therapist cancels or does not come, you owe nothing.",
      ],
    },
    {
      heading: "Behaviour",
      paragraphs: [
        "Treat each other with respect. Messages, reviews and pictures must be true and must not hurt anybody. What breaks this may be hidden, and accounts may be suspended. You can report and block somebody in every chat.",
      ],
    },
    {
      heading: "Liability and law",
      paragraphs: [
        "We answer for the marketplace, therapists answer for their work. The law of Indonesia applies; rights that you have as a consumer where you live stay yours.",
      ],
    },
  ],
  privacy: (operator) => [
    {
      heading: "Who is responsible",
      paragraphs: [`${who(operator)} decides what is done with your data.${operator.contact ? ` Write to ${operator.contact} with any question.` : ""}`],
    },
    {
      heading: "What we keep, and why",
      paragraphs: [
        "Of a booking: your name, WhatsApp number, place, time, price and messages, because the visit cannot be made without them. A therapist sees number and address only after accepting.",
        "Of therapists: profile, papers, bank details (encrypted) and accounts, because the law and the work ask for them.",
        "In this browser: who you are here, your language and colours. There is no advertising, no tracking and nobody else's cookie.",
      ],
    },
    {
      heading: "Who else gets it",
      paragraphs: [
        "Amazon Web Services stores it for us. WhatsApp, mail, text and push services carry messages to you. A payment provider takes commissions of therapists. Nobody buys it.",
      ],
    },
    {
      heading: "For how long",
      paragraphs: [
        "Room numbers, addresses and positions are erased 30 days after a visit, files of a chat after a month, messages after half a year. Amounts stay as long as the tax law asks.",
      ],
    },
    {
      heading: "Your rights",
      paragraphs: [
        "You can ask for all that we keep of you, have it corrected or erased, and take back what you have agreed to. Ask in a chat or at the contact above; you can also complain to the authority for data protection.",
      ],
    },
  ],
  help: (operator) => [
    {
      heading: "How do I book?",
      paragraphs: [
        "Choose a therapist, then “Book now” for as soon as possible or “Schedule” for a time of your own. You see the price before you send anything. The answer comes within minutes, in a chat that opens by itself.",
      ],
    },
    {
      heading: "How do I pay?",
      paragraphs: ["You pay the therapist, in one of the ways that stand on the therapist's page. Nothing is taken when you book."],
    },
    {
      heading: "Nobody answers, or I was declined",
      paragraphs: ["A request ends by itself when its time is over, and costs nothing. Its page then names others who can come, with the same details."],
    },
    {
      heading: "I have a new telephone",
      paragraphs: ["Open “Chats” and choose to find your bookings by your WhatsApp number. A code is sent to it, and everything is here again."],
    },
    {
      heading: "Something is wrong at a visit",
      paragraphs: [
        "In an emergency call 112. In the chat of a visit there is a button that tells us at once where you are. You can report and block somebody in every chat.",
        ...(operator.contact ? [`You reach us at ${operator.contact}.`] : []),
      ],
    },
  ],
  imprint: (operator) => [
    {
      heading: "Operator",
      paragraphs: known([
        ["Name", operator.name],
        ["Address", operator.address],
        ["Registration", operator.registration],
        ["Contact", operator.contact],
      ]),
    },
  ],
};
