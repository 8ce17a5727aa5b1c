import { createRouter } from "../http/app.ts";
import { betterAuthRoutes } from "./auth-routes.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { meRoutes } from "./me-routes.ts";
import { memberRoutes } from "./member-routes.ts";

/** Everything about who people are and what they may do. */
export const authRoutes = createRouter()
  .route("/", betterAuthRoutes)
  .route("/", meRoutes)
  .route("/", keyRoutes)
  .route("/", memberRoutes)
  .route("/", invitationRoutes);
