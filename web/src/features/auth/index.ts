export { useSignOut } from "./session.ts";
export { SignOutButton } from "./sign-out-button.tsx";
