export { CommitVersion } from "./commit-version.tsx";
export { taggedQuery } from "./queries.ts";
