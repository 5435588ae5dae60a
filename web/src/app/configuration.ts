/** Where the system is; the server of this page knows it, the build does not. */
export interface Configuration {
  restUrl: string;
  webSocketUrl: string;
  /** Where Cognito answers. */
  signInUrl: string;
  userPoolClientId: string;
  region: string;
  /** Who operates this marketplace, as its imprint says; what is not said is empty. */
  operator: { name: string; address: string; registration: string; contact: string };
}

const NAMES = ["restUrl", "webSocketUrl", "userPoolClientId", "region"] as const;

type Content = Record<string, string | undefined>;

/** What the server has written into the page itself; nothing where it was served as it was built. */
function contentOfPage(): Content {
  return JSON.parse(document.getElementById("configuration")?.textContent ?? "{}") as Content;
}

async function fetchedContent(): Promise<Content> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json answered ${response.status}`);
  return (await response.json()) as Content;
}

export async function loadConfiguration(): Promise<Configuration> {
  const inPage = contentOfPage();
  const content = inPage["restUrl"] ? inPage : await fetchedContent();
  for (const name of NAMES) if (!content[name]) throw new Error(`config.json lacks ${name}`);
  const region = content["region"] ?? "";
  return {
    restUrl: content["restUrl"] ?? "",
    webSocketUrl: content["webSocketUrl"] ?? "",
    signInUrl: content["signInUrl"] ?? `https://cognito-idp.${region}.amazonaws.com`,
    userPoolClientId: content["userPoolClientId"] ?? "",
    region,
    operator: {
      name: content["operatorName"] ?? "",
      address: content["operatorAddress"] ?? "",
      registration: content["operatorRegistration"] ?? "",
      contact: content["operatorContact"] ?? "",
    },
  };
}
