import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { ApiError } from "../api/api-error.ts";
import { healthQuery } from "../api/health.ts";
import { meQuery } from "../api/me.ts";
import { analyticsSearch, eventsSearch } from "../features/analytics/search.ts";
import { signInSearch } from "../features/auth/search.ts";
import { compareSearch, executionSearch, executionsSearch } from "../features/executions/search.ts";
import { knowledgeSearch } from "../features/knowledge/search.ts";
import { fallbacksSearch, pricesSearch } from "../features/providers/search.ts";
import { importSearch } from "../features/transfer/search.ts";
import { compareVersionsSearch, versionsSearch } from "../features/versions/search.ts";
import { webhookSearch } from "../features/webhooks/search.ts";
import { Shell } from "./shell/shell.tsx";

/**
 * Every page: its address, its search parameters (a schema of `zod/mini` in the feature's `search.ts`, where whatever does
 * not fit is left out) and its component, loaded when it is first opened. A page with a place in the sidebar also stands
 * in `shell/sections.ts`.
 */
const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

/** Everything that needs somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "unauthenticated") throw error;
      if (location.href !== "/") throw redirect({ to: "/sign-in", search: { next: location.href } });
      // Who opens a new installation has nothing to sign in with.
      const health = await context.queryClient.fetchQuery({ ...healthQuery, staleTime: 0 });
      throw redirect({ to: health.unclaimed ? "/sign-up" : "/sign-in" });
    }
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/workflows", replace: true });
  },
});

const workflows = createRoute({
  getParentRoute: () => inside,
  path: "/workflows",
  component: lazyRouteComponent(() => import("../features/workflows/workflows-page.tsx"), "WorkflowsPage"),
});

const workflow = createRoute({
  getParentRoute: () => inside,
  path: "/workflows/$workflowId",
  component: lazyRouteComponent(() => import("../features/workflows/workflow-page.tsx"), "WorkflowPage"),
});

const editor = createRoute({
  getParentRoute: () => workflow,
  path: "/",
  component: lazyRouteComponent(() => import("../features/editor/editor-page.tsx"), "EditorPage"),
});

const versions = createRoute({
  getParentRoute: () => workflow,
  path: "/versions",
  validateSearch: versionsSearch,
  component: lazyRouteComponent(() => import("../features/versions/versions-page.tsx"), "VersionsPage"),
});

const compareVersions = createRoute({
  getParentRoute: () => workflow,
  path: "/compare",
  validateSearch: compareVersionsSearch,
  component: lazyRouteComponent(() => import("../features/versions/compare-page.tsx"), "CompareVersionsPage"),
});

const workflowSchedules = createRoute({
  getParentRoute: () => workflow,
  path: "/schedules",
  component: lazyRouteComponent(
    () => import("../features/schedules/workflow-schedules-page.tsx"),
    "WorkflowSchedulesPage",
  ),
});

const newSchedule = createRoute({
  getParentRoute: () => workflow,
  path: "/schedules/new",
  component: lazyRouteComponent(() => import("../features/schedules/new-schedule-page.tsx"), "NewSchedulePage"),
});

const schedule = createRoute({
  getParentRoute: () => workflow,
  path: "/schedules/$scheduleId",
  component: lazyRouteComponent(() => import("../features/schedules/schedule-page.tsx"), "SchedulePage"),
});

const editSchedule = createRoute({
  getParentRoute: () => workflow,
  path: "/schedules/$scheduleId/edit",
  component: lazyRouteComponent(() => import("../features/schedules/edit-schedule-page.tsx"), "EditSchedulePage"),
});

const workflowWebhooks = createRoute({
  getParentRoute: () => workflow,
  path: "/webhooks",
  component: lazyRouteComponent(
    () => import("../features/webhooks/workflow-webhooks-page.tsx"),
    "WorkflowWebhooksPage",
  ),
});

const webhook = createRoute({
  getParentRoute: () => workflow,
  path: "/webhooks/$webhookId",
  validateSearch: webhookSearch,
  component: lazyRouteComponent(() => import("../features/webhooks/webhook-page.tsx"), "WebhookPage"),
});

const schedules = createRoute({
  getParentRoute: () => inside,
  path: "/schedules",
  component: lazyRouteComponent(() => import("../features/schedules/schedules-page.tsx"), "SchedulesPage"),
});

const executions = createRoute({
  getParentRoute: () => inside,
  path: "/executions",
  validateSearch: executionsSearch,
  component: lazyRouteComponent(() => import("../features/executions/executions-page.tsx"), "ExecutionsPage"),
});

const compareExecutions = createRoute({
  getParentRoute: () => inside,
  path: "/executions/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("../features/executions/compare-page.tsx"), "ComparePage"),
});

const execution = createRoute({
  getParentRoute: () => inside,
  path: "/executions/$executionId",
  validateSearch: executionSearch,
  component: lazyRouteComponent(() => import("../features/executions/execution-page.tsx"), "ExecutionPage"),
});

const files = createRoute({
  getParentRoute: () => inside,
  path: "/files",
  component: lazyRouteComponent(() => import("../features/transfer/files-page.tsx"), "FilesPage"),
});

const importFiles = createRoute({
  getParentRoute: () => files,
  path: "/",
  validateSearch: importSearch,
  component: lazyRouteComponent(() => import("../features/transfer/import-page.tsx"), "ImportPage"),
});

const exports = createRoute({
  getParentRoute: () => files,
  path: "/exports",
  component: lazyRouteComponent(() => import("../features/transfer/exports-page.tsx"), "ExportsPage"),
});

const templates = createRoute({
  getParentRoute: () => files,
  path: "/templates",
  component: lazyRouteComponent(() => import("../features/templates/templates-page.tsx"), "TemplatesPage"),
});

const analytics = createRoute({
  getParentRoute: () => inside,
  path: "/analytics",
  validateSearch: analyticsSearch,
  component: lazyRouteComponent(() => import("../features/analytics/costs-page.tsx"), "CostsPage"),
});

const budgets = createRoute({
  getParentRoute: () => inside,
  path: "/analytics/budgets",
  component: lazyRouteComponent(() => import("../features/budgets/budgets-page.tsx"), "BudgetsPage"),
});

const events = createRoute({
  getParentRoute: () => inside,
  path: "/analytics/events",
  validateSearch: eventsSearch,
  component: lazyRouteComponent(() => import("../features/analytics/events-page.tsx"), "EventsPage"),
});

const providers = createRoute({
  getParentRoute: () => inside,
  path: "/providers",
  component: lazyRouteComponent(() => import("../features/providers/health-page.tsx"), "HealthPage"),
});

const fallbacks = createRoute({
  getParentRoute: () => inside,
  path: "/providers/fallbacks",
  validateSearch: fallbacksSearch,
  component: lazyRouteComponent(() => import("../features/providers/fallbacks-page.tsx"), "FallbacksPage"),
});

const credentials = createRoute({
  getParentRoute: () => inside,
  path: "/providers/credentials",
  component: lazyRouteComponent(() => import("../features/providers/credentials-page.tsx"), "CredentialsPage"),
});

const prices = createRoute({
  getParentRoute: () => inside,
  path: "/providers/prices",
  validateSearch: pricesSearch,
  component: lazyRouteComponent(() => import("../features/providers/prices-page.tsx"), "PricesPage"),
});

const knowledge = createRoute({
  getParentRoute: () => inside,
  path: "/knowledge",
  validateSearch: knowledgeSearch,
  component: lazyRouteComponent(() => import("../features/knowledge/knowledge-page.tsx"), "KnowledgePage"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings/settings-page.tsx"), "SettingsPage"),
});

const profile = createRoute({
  getParentRoute: () => settings,
  path: "/",
  component: lazyRouteComponent(() => import("../features/settings/profile-page.tsx"), "ProfilePage"),
});

const workspace = createRoute({
  getParentRoute: () => settings,
  path: "/workspace",
  component: lazyRouteComponent(() => import("../features/settings/workspace-page.tsx"), "WorkspacePage"),
});

const members = createRoute({
  getParentRoute: () => settings,
  path: "/members",
  component: lazyRouteComponent(() => import("../features/settings/members-page.tsx"), "MembersPage"),
});

const apiKeys = createRoute({
  getParentRoute: () => settings,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("../features/settings/api-keys-page.tsx"), "ApiKeysPage"),
});

const retention = createRoute({
  getParentRoute: () => settings,
  path: "/retention",
  component: lazyRouteComponent(() => import("../features/settings/retention-page.tsx"), "RetentionPage"),
});

const danger = createRoute({
  getParentRoute: () => settings,
  path: "/danger",
  component: lazyRouteComponent(() => import("../features/settings/danger-page.tsx"), "DangerPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import("../features/auth/sign-in-page.tsx"), "SignInPage"),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import("../features/auth/sign-up-page.tsx"), "SignUpPage"),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invite/$token",
  component: lazyRouteComponent(() => import("../features/auth/invitation-page.tsx"), "InvitationPage"),
});

const passwordReset = createRoute({
  getParentRoute: () => root,
  path: "/reset/$token",
  component: lazyRouteComponent(() => import("../features/auth/password-reset-page.tsx"), "PasswordResetPage"),
});

export const routeTree = root.addChildren([
  inside.addChildren([
    home,
    workflows,
    workflow.addChildren([
      editor,
      versions,
      compareVersions,
      workflowSchedules,
      newSchedule,
      schedule,
      editSchedule,
      workflowWebhooks,
      webhook,
    ]),
    executions,
    compareExecutions,
    execution,
    schedules,
    files.addChildren([importFiles, exports, templates]),
    analytics,
    budgets,
    events,
    providers,
    fallbacks,
    credentials,
    prices,
    knowledge,
    settings.addChildren([profile, workspace, members, apiKeys, retention, danger]),
  ]),
  signIn,
  signUp,
  invitation,
  passwordReset,
]);
