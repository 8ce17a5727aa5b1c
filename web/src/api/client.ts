import { createApiClient } from "../../../src/api.client.ts";

export { type Capability, can, cronFault, type LiveEvent, type Role } from "../../../src/api.client.ts";

/** The API of this origin, with the session's cookie. Ask through {@link answer}, which throws what it refuses. */
export const client = createApiClient(location.origin);
