import type { Configuration } from "./configuration";

const originOf = (url: string): string => new URL(url).origin;

/**
 * A content security policy that lets the page speak to the system it belongs to and to nobody else. The server of the
 * page cannot name the API in its own policy, as the API names that server in its answers; what both policies allow is
 * what is allowed. The bucket for files is named exactly by the server's.
 */
export function connectionPolicy({ restUrl, webSocketUrl, signInUrl, region }: Configuration): string {
  const ours = new Set([originOf(restUrl), originOf(webSocketUrl), originOf(signInUrl)]);
  return `connect-src 'self' ${[...ours].join(" ")} https://*.s3.${region}.amazonaws.com`;
}

/** Holds the page to its own system from now on. */
export function restrictConnections(configuration: Configuration): void {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = connectionPolicy(configuration);
  document.head.append(policy);
}
