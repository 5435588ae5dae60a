import type { Api } from "./client";
import { answer } from "./client";
import { ApiProblem, problemOf } from "./problem";
import { isUploadType, upload, UPLOAD_LIMIT_BYTES } from "./uploads";

/** Fetches a file of a room; the link behind it is short-lived, so the content is what we keep. */
export async function fetchAttachment(api: Api, attachmentId: string): Promise<Blob> {
  let outcome: { data?: unknown };
  try {
    outcome = await api.GET("/attachments/{attachmentId}", {
      params: { path: { attachmentId } },
      parseAs: "blob",
    });
  } catch (failure) {
    throw problemOf(failure);
  }
  if (outcome.data instanceof Blob) return outcome.data;
  throw new ApiProblem("internal_error", 500);
}

/** Uploads a file to a room and returns its attachmentId, by which a message can cite it. */
export async function shareFile(api: Api, conversationId: string, file: File): Promise<string> {
  const contentType = file.type;
  if (!isUploadType(contentType) || file.size > UPLOAD_LIMIT_BYTES) throw new ApiProblem("upload_refused", 422);
  const announced = await answer(
    api.POST("/rooms/{conversationId}/attachments", {
      params: { path: { conversationId }, header: { "Idempotency-Key": crypto.randomUUID() } },
      body: { fileName: file.name || "file", contentType, size: file.size },
    }),
  );
  await upload(announced.upload, file, file.name || "file");
  return announced.attachmentId;
}
