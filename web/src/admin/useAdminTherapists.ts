import { useQuery } from "@tanstack/react-query";
import { answer } from "../api/client";
import { useLive } from "../app/LiveContext";
import { useRefetchInterval } from "./refreshing";

export function useAdminTherapists() {
  const { api } = useLive();
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: ["admin", "therapists"],
    queryFn: () => answer(api.GET("/admin/therapists")),
    refetchInterval,
  });
}
