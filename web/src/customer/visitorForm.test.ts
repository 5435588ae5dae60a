import { describe, expect, it } from "vitest";
import { EMPTY_FORM, fieldOfPath, problemsOf, visitorPart, type VisitorForm } from "./visitorForm";

const filled: VisitorForm = { ...EMPTY_FORM, name: "Wayan", whatsApp: "0812 3456 7890", address: "Jalan Monyet 1" };

describe("the customer's form", () => {
  it("names every field that is blank", () => {
    expect(problemsOf(EMPTY_FORM)).toEqual({
      name: "book.required.name",
      whatsApp: "book.required.whatsApp",
      address: "book.required.address",
    });
  });

  it("takes the usual ways to write a number, and nothing else", () => {
    for (const whatsApp of ["0812 3456 7890", "+62 812-3456-7890", "(0812) 3456.7890"]) {
      expect(problemsOf({ ...filled, whatsApp })).toEqual({});
    }
    for (const whatsApp of ["wayan", "0812", "0812 3456 7890 ext 1", "٠٨١٢٣٤٥٦٧٨٩"]) {
      expect(problemsOf({ ...filled, whatsApp }).whatsApp).toBe("book.invalid.whatsApp");
    }
  });

  it("takes a number as it comes out of a contact, with marks that nobody sees", () => {
    const copied = { ...filled, whatsApp: "\u202a+62\u00a0812\u20113456\u20117890\u202c" };
    expect(problemsOf(copied)).toEqual({});
    expect(visitorPart(copied).customerWhatsApp).toBe("+62 812-3456-7890");
  });

  it("keeps the lines of an address", () => {
    const written = { ...filled, name: " Wayan\tPutra ", address: "Villa Tepi Sawah\r\nJalan Monyet 1\n" };
    expect(problemsOf(written)).toEqual({});
    expect(visitorPart(written)).toMatchObject({
      customerName: "Wayan Putra",
      location: { address: "Villa Tepi Sawah\nJalan Monyet 1" },
    });
    expect(problemsOf({ ...filled, address: "\u200b\n" }).address).toBe("book.required.address");
  });

  it("is content with a position instead of an address", () => {
    expect(problemsOf({ ...filled, address: "", position: { latitude: -8.5, longitude: 115.2 } })).toEqual({});
  });

  it("asks for hotel and room when the visit is to a hotel", () => {
    expect(Object.keys(problemsOf({ ...filled, where: "hotel" }))).toEqual(["hotelVillaId", "roomNumber"]);
    expect(visitorPart({ ...filled, where: "hotel", hotelVillaId: "h", roomNumber: " 12 " })).toEqual({
      customerName: "Wayan",
      customerWhatsApp: "0812 3456 7890",
      hotelVillaId: "h",
      roomNumber: "12",
    });
  });

  it("finds the field of a problem that the server names", () => {
    expect(fieldOfPath("location.latitude")).toBe("address");
    expect(fieldOfPath("customerWhatsApp")).toBe("whatsApp");
    expect(fieldOfPath("quoteToken")).toBeNull();
  });
});
