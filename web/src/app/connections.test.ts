import { describe, expect, it } from "vitest";
import { connectionPolicy } from "./connections";

describe("the page's connections", () => {
  it("are to its own API, socket, sign-in and files, and to no other of the same kind", () => {
    const policy = connectionPolicy({
      restUrl: "https://abc123.execute-api.ap-southeast-3.amazonaws.com/v1",
      webSocketUrl: "wss://def456.execute-api.ap-southeast-3.amazonaws.com/v1",
      signInUrl: "https://cognito-idp.ap-southeast-3.amazonaws.com",
      userPoolClientId: "client",
      region: "ap-southeast-3",
      operator: { name: "", address: "", registration: "", contact: "" },
    });
    expect(policy.split(" ").sort()).toEqual([
      "'self'",
      "connect-src",
      "https://*.s3.ap-southeast-3.amazonaws.com",
      "https://abc123.execute-api.ap-southeast-3.amazonaws.com",
      "https://cognito-idp.ap-southeast-3.amazonaws.com",
      "wss://def456.execute-api.ap-southeast-3.amazonaws.com",
    ]);
  });
});
