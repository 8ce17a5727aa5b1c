/** Whether people reach an installation at this address over TLS: then its cookies never travel without. */
export function isSecure(baseUrl: string): boolean {
  return new URL(baseUrl).protocol === "https:";
}

/** The name under which better-auth sets the session cookie. Browsers take a `__Secure-` cookie over TLS only. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Secure-better-auth.session_token" : "better-auth.session_token";
}
