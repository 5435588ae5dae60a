/** Where the system is; the server of this page knows it, the build does not. */
export interface Configuration {
  restUrl: string;
  webSocketUrl: string;
  /** Where Cognito answers. */
  signInUrl: string;
  userPoolClientId: string;
  region: string;
}

const NAMES = ["restUrl", "webSocketUrl", "userPoolClientId", "region"] as const;

export async function loadConfiguration(): Promise<Configuration> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json answered ${response.status}`);
  const content = (await response.json()) as Record<string, string | undefined>;
  for (const name of NAMES) if (!content[name]) throw new Error(`config.json lacks ${name}`);
  const region = content["region"] ?? "";
  return {
    restUrl: content["restUrl"] ?? "",
    webSocketUrl: content["webSocketUrl"] ?? "",
    signInUrl: content["signInUrl"] ?? `https://cognito-idp.${region}.amazonaws.com`,
    userPoolClientId: content["userPoolClientId"] ?? "",
    region,
  };
}
