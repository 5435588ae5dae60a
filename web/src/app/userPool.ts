import { ApiProblem } from "../api/problem";
import type { Configuration } from "./configuration";

/** What the user pool may ask for after the password. */
export type Challenge = "NEW_PASSWORD_REQUIRED" | "SOFTWARE_TOKEN_MFA";

export interface AuthenticationResult {
  IdToken: string;
  AccessToken: string;
  RefreshToken?: string;
  ExpiresIn: number;
}

interface PoolAnswer {
  AuthenticationResult?: AuthenticationResult;
  ChallengeName?: string;
  Session?: string;
  ChallengeParameters?: Record<string, string>;
}

/** The pool knows the password, and asks for one thing more. */
export class FurtherStep extends ApiProblem {
  constructor(
    readonly challenge: Challenge,
    readonly username: string,
    readonly session: string,
  ) {
    super("further_step", 401);
  }
}

/** Our codes for what the pool answers; whatever stands nowhere here has no text of its own. */
const CODES: Record<string, string> = {
  NotAuthorizedException: "wrong_password",
  UserNotFoundException: "wrong_password",
  CodeMismatchException: "wrong_code",
  EnableSoftwareTokenMFAException: "wrong_code",
  ExpiredCodeException: "expired_code",
  InvalidPasswordException: "weak_password",
  InvalidParameterException: "weak_password",
  PasswordHistoryPolicyViolationException: "used_password",
  PasswordResetRequiredException: "password_reset_required",
  LimitExceededException: "too_many_requests",
  TooManyRequestsException: "too_many_requests",
  TooManyFailedAttemptsException: "too_many_requests",
};

/** Calls an operation of the pool that needs no credentials but what is in its body. */
export async function callPool<Answer>(configuration: Configuration, operation: string, body: object): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${configuration.signInUrl.replace(/\/$/, "")}/`, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiProblem("network", 0);
  }
  const content = (await response.json().catch(() => ({}))) as Answer & { __type?: string };
  if (response.ok) return content;
  const kind = /\w+$/.exec(content.__type ?? "")?.[0] ?? "";
  throw new ApiProblem(CODES[kind] ?? "sign_in_failed", response.status);
}

function resultOf(answer: PoolAnswer, username: string): AuthenticationResult {
  if (answer.AuthenticationResult) return answer.AuthenticationResult;
  const { ChallengeName: challenge, Session: session } = answer;
  if ((challenge === "NEW_PASSWORD_REQUIRED" || challenge === "SOFTWARE_TOKEN_MFA") && session) {
    throw new FurtherStep(challenge, answer.ChallengeParameters?.["USER_ID_FOR_SRP"] ?? username, session);
  }
  throw new ApiProblem("sign_in_failed", 400);
}

/** Signs in. Throws a FurtherStep where the pool asks for more than this. */
export async function initiate(
  configuration: Configuration,
  flow: "USER_PASSWORD_AUTH" | "REFRESH_TOKEN_AUTH",
  parameters: Record<string, string>,
): Promise<AuthenticationResult> {
  const answer = await callPool<PoolAnswer>(configuration, "InitiateAuth", {
    AuthFlow: flow,
    ClientId: configuration.userPoolClientId,
    AuthParameters: parameters,
  });
  return resultOf(answer, parameters["USERNAME"] ?? "");
}

/** Gives what the pool asked for: a password of one's own, or six digits. */
export async function respond(configuration: Configuration, step: FurtherStep, given: string): Promise<AuthenticationResult> {
  const name = step.challenge === "NEW_PASSWORD_REQUIRED" ? "NEW_PASSWORD" : "SOFTWARE_TOKEN_MFA_CODE";
  const answer = await callPool<PoolAnswer>(configuration, "RespondToAuthChallenge", {
    ClientId: configuration.userPoolClientId,
    ChallengeName: step.challenge,
    Session: step.session,
    ChallengeResponses: { USERNAME: step.username, [name]: given },
  });
  return resultOf(answer, step.username);
}
