/** Tables as RFC 4180 writes them, safe to open in a spreadsheet. */
export type CsvRow = Readonly<Record<string, string | number>>;

/** What a spreadsheet would take for a formula is led in by an apostrophe. */
function cell(value: string | number): string {
  const text = typeof value === "number" ? String(value) : /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows with a head of their names; the mark at the beginning tells spreadsheets that it is UTF-8. */
export function csvOf(rows: readonly CsvRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))];
  return `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}
