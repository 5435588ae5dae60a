import { useState } from "react";
import { useMember, useWords } from "../app/AppContext";
import { lazyPart } from "../app/recovery";
import { Button } from "../ui/controls";

const NumberSheet = lazyPart(() => import("./NumberSheet"));

/** For guests on a new telephone: their bookings are found again by their number. */
export function RecoverChats() {
  const { t } = useWords();
  const member = useMember();
  const [isOpen, setIsOpen] = useState(false);
  if (member?.role === "customer") return null;
  return (
    <>
      <Button onPress={() => setIsOpen(true)}>{t("number.recover")}</Button>
      {isOpen ? (
        <NumberSheet
          title={t("number.recover")}
          text={t("number.recoverText")}
          onDone={() => setIsOpen(false)}
          onClose={() => setIsOpen(false)}
        />
      ) : null}
    </>
  );
}
