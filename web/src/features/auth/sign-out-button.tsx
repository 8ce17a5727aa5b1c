import { Button } from "@mantine/core";
import { useSignOut } from "./session.ts";

/** The way out, where there is no menu to hold it. */
export function SignOutButton() {
  return <Button onClick={useSignOut()}>Sign out</Button>;
}
