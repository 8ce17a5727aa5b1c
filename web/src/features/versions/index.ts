export { CommitVersion } from "./commit-version.tsx";
