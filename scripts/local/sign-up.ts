/** Who signs up. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

/** Signs a person up at an instance's URL and answers the headers that send the session along. Throws when refused. */
export async function signUpAt(url: string, person: Person): Promise<{ Cookie: string; Origin: string }> {
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: url },
    body: JSON.stringify(person),
  });
  if (!response.ok) throw new Error(`Sign-up answered ${response.status}: ${await response.text()}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return { Cookie: cookie, Origin: url };
}
