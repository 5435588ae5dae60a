import { Download } from "lucide-react";
import { useWords } from "../app/AppContext";
import { Button } from "../ui/controls";
import { csvOf, type CsvRow } from "./csv";

/** Saves what is shown as a table for spreadsheets. */
export function CsvButton({ name, rows }: { name: string; rows: readonly CsvRow[] }) {
  const { t } = useWords();
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" }));
    link.download = `${name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Button icon={<Download size={18} aria-hidden />} isDisabled={rows.length === 0} onPress={save}>
      {t("admin.csv")}
    </Button>
  );
}
