import type { ProblemBody } from "./types";

/** A refusal of the server (RFC 9457), or its silence: `code` is then "network". */
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly body: Partial<ProblemBody> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(body.detail ?? code);
    this.name = "ApiProblem";
  }

  /** Whether the same request may be sent again without harm or hope lost. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 429 || this.status >= 500;
  }
}

export function problemOf(failure: unknown): ApiProblem {
  if (failure instanceof ApiProblem) return failure;
  return new ApiProblem("network", 0);
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  let body: Partial<ProblemBody> = {};
  try {
    body = (await response.json()) as Partial<ProblemBody>;
  } catch {
    // A proxy's page instead of a problem: the status alone has to say it.
  }
  const code = typeof body.code === "string" ? body.code : codeOf(response.status);
  const retryAfter = Number(response.headers.get("Retry-After"));
  return new ApiProblem(code, response.status, body, Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null);
}

function codeOf(status: number): string {
  switch (status) {
    case 401:
      return "unauthenticated";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 413:
      return "payload_too_large";
    case 429:
      return "too_many_requests";
    case 503:
      return "service_unavailable";
    default:
      return "internal_error";
  }
}
