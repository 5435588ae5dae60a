import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useProblemToast } from "../app/AppContext";
import { Button } from "./controls";

interface DownloadProperties {
  /** Asks for the file when somebody wants it: only a request that says who asks is answered. */
  ask(): Promise<Blob>;
  name: string;
  children: string;
}

/** Fetches a file with the reader's token, and hands it to the browser to be kept. */
export function DownloadButton({ ask, name, children }: DownloadProperties) {
  const sayProblem = useProblemToast();
  const fetching = useMutation({
    mutationFn: ask,
    onSuccess: (file) => {
      const url = URL.createObjectURL(file);
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      // Safari reads the file only after the click.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    onError: sayProblem,
  });
  return (
    <Button size="small" icon={<Download size={16} aria-hidden />} busy={fetching.isPending} onPress={() => fetching.mutate()}>
      {children}
    </Button>
  );
}
