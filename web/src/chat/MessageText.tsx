import { Fragment } from "react";

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+|\bwww\.[^\s<>"]+/giu;
/** What ends a sentence, not an address. */
const AFTER = /[.,;:!?)\]}'»”]+$/u;

/** A piece of a text, and where it leads if it is an address. */
interface Piece {
  text: string;
  href?: string;
}

/** The pieces of a text of which addresses can be followed; only http and https, nothing that runs here. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(AFTER, "");
    const href = address.toLowerCase().startsWith("www.") ? `https://${address}` : address;
    if (!URL.canParse(href)) continue;
    if (found.index > end) pieces.push({ text: text.slice(end, found.index) });
    pieces.push({ text: address, href });
    end = found.index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** A message's words, with links that tell the other page nothing of this one. */
export function MessageText({ text }: { text: string }) {
  return piecesOf(text).map((piece, index) =>
    piece.href ? (
      <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow ugc">
        {piece.text}
      </a>
    ) : (
      <Fragment key={index}>{piece.text}</Fragment>
    ),
  );
}
