import { createRoute } from "@hono/zod-openapi";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { createSchedule } from "./create-schedule.ts";
import { deleteSchedule } from "./delete-schedule.ts";
import {
  listedScheduleSchema,
  pageQuerySchema,
  presetsSchema,
  previewRequestSchema,
  previewSchema,
  runSchema,
  scheduleChangeSchema,
  scheduleParams,
  scheduleSchema,
  upcomingQuerySchema,
  upcomingSchema,
} from "./inputs.ts";
import { listRuns } from "./list-runs.ts";
import { listPresets } from "./presets.ts";
import { previewSchedule } from "./preview-schedule.ts";
import { getSchedule, listAllSchedules, listSchedules } from "./read-schedules.ts";
import { upcomingRuns } from "./upcoming-runs.ts";
import { pauseSchedule, resumeSchedule, updateSchedule } from "./update-schedule.ts";

const tags = ["Schedules"];
const params = scheduleParams;
const theSchedule = { 200: jsonAnswer(scheduleSchema, "The schedule") };

const list = createRoute({
  method: "get",
  path: "/workflows/{id}/schedules",
  tags,
  summary: "A workflow's schedules, newest first",
  middleware: requires("workspace.read"),
  request: { params, query: pageQuerySchema },
  responses: { 200: jsonAnswer(pageSchema(scheduleSchema), "A page of schedules") },
});

const listAll = createRoute({
  method: "get",
  path: "/schedules",
  tags,
  summary: "The schedules of all workflows, newest first",
  middleware: requires("workspace.read"),
  request: { query: pageQuerySchema },
  responses: { 200: jsonAnswer(pageSchema(listedScheduleSchema), "A page of schedules with their workflows' names") },
});

const upcoming = createRoute({
  method: "get",
  path: "/schedules/upcoming",
  tags,
  summary: "What comes in the next days, day by day, of all workflows",
  middleware: requires("workspace.read"),
  request: { query: upcomingQuerySchema },
  responses: { 200: jsonAnswer(upcomingSchema, "The days, each with the schedules that run on it") },
});

const create = createRoute({
  method: "post",
  path: "/workflows/{id}/schedules",
  tags,
  summary: "Run a workflow at times, or after another workflow",
  middleware: requires("triggers.edit"),
  request: { params, body: jsonRequest(scheduleChangeSchema) },
  responses: { 201: jsonAnswer(scheduleSchema, "The schedule") },
});

const preview = createRoute({
  method: "post",
  path: "/schedules/preview",
  tags,
  summary: "A cron expression in words, and its next runs",
  middleware: requires("workspace.read"),
  request: { body: jsonRequest(previewRequestSchema) },
  responses: { 200: jsonAnswer(previewSchema, "Words and runs") },
});

const presets = createRoute({
  method: "get",
  path: "/schedules/presets",
  tags,
  summary: "Cron expressions to choose from",
  middleware: requires("workspace.read"),
  responses: { 200: jsonAnswer(presetsSchema, "The presets") },
});

const read = createRoute({
  method: "get",
  path: "/schedules/{id}",
  tags,
  summary: "One schedule",
  middleware: requires("workspace.read"),
  request: { params },
  responses: theSchedule,
});

const update = createRoute({
  method: "put",
  path: "/schedules/{id}",
  tags,
  summary: "Change a schedule: what is left out stays",
  middleware: requires("triggers.edit"),
  request: { params, body: jsonRequest(scheduleChangeSchema) },
  responses: theSchedule,
});

const remove = createRoute({
  method: "delete",
  path: "/schedules/{id}",
  tags,
  summary: "Delete a schedule with its history",
  middleware: requires("triggers.edit"),
  request: { params },
  responses: { 204: { description: "Deleted" } },
});

const pause = createRoute({
  method: "post",
  path: "/schedules/{id}/pause",
  tags,
  summary: "Pause a schedule",
  middleware: requires("triggers.edit"),
  request: { params },
  responses: theSchedule,
});

const resume = createRoute({
  method: "post",
  path: "/schedules/{id}/resume",
  tags,
  summary: "Resume a schedule with its next run from now",
  middleware: requires("triggers.edit"),
  request: { params },
  responses: theSchedule,
});

const runs = createRoute({
  method: "get",
  path: "/schedules/{id}/runs",
  tags,
  summary: "What became of each time that a schedule came due, newest first",
  middleware: requires("workspace.read"),
  request: { params, query: pageQuerySchema },
  responses: { 200: jsonAnswer(pageSchema(runSchema), "A page of runs") },
});

export const scheduleRoutes = createRouter()
  .openapi(list, async (c) => {
    return c.json(await listSchedules(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200);
  })
  .openapi(create, async (c) => {
    return c.json(await createSchedule(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 201);
  })
  .openapi(preview, (c) => c.json(previewSchedule(c.req.valid("json"), c.var.ctx.clock.now()), 200))
  .openapi(listAll, async (c) => c.json(await listAllSchedules(c.var.ctx, c.req.valid("query")), 200))
  // Before the schedule by its id, which "presets" and "upcoming" would be taken for.
  .openapi(upcoming, async (c) => c.json(await upcomingRuns(c.var.ctx, c.req.valid("query")), 200))
  .openapi(presets, (c) => c.json(listPresets(), 200))
  .openapi(read, async (c) => c.json(await getSchedule(c.var.ctx, c.req.valid("param").id), 200))
  .openapi(update, async (c) => {
    return c.json(await updateSchedule(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    await deleteSchedule(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(pause, async (c) => c.json(await pauseSchedule(c.var.ctx, c.req.valid("param").id), 200))
  .openapi(resume, async (c) => c.json(await resumeSchedule(c.var.ctx, c.req.valid("param").id), 200))
  .openapi(runs, async (c) => c.json(await listRuns(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200));
