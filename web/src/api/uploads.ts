import { ApiProblem } from "./problem";
import type { UploadForm } from "./types";

export const UPLOAD_TYPES = ["image/jpeg", "image/png", "image/webp", "application/pdf"] as const;
export type UploadType = (typeof UPLOAD_TYPES)[number];
export const UPLOAD_LIMIT_BYTES = 10 * 1024 * 1024;

export function isUploadType(type: string): type is UploadType {
  return (UPLOAD_TYPES as readonly string[]).includes(type);
}

/** Posts a file with the form that the server signed for it. */
export async function upload(form: UploadForm, file: Blob, fileName: string): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append("file", file, fileName);
  let response: Response;
  try {
    response = await fetch(form.url, { method: "POST", body });
  } catch {
    throw new ApiProblem("network", 0);
  }
  if (!response.ok) throw new ApiProblem("upload_refused", response.status);
}
