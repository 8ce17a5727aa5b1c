import { type InfiniteData, keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { type Page, usePages } from "../../api/pages.ts";

const one = client.api.schedules[":id"];

/** A schedule as the API shows it. */
export type Schedule = InferResponseType<typeof one.$get, 200>;
/** A schedule in the list of the whole workspace. */
export type ListedSchedule = InferResponseType<typeof client.api.schedules.$get, 200>["items"][number];
/** A schedule that is not saved yet, or a change of one. */
export type NewSchedule = Parameters<typeof one.$put>[0]["json"];
/** What became of a time at which a schedule was to run. */
export type Run = InferResponseType<typeof one.runs.$get, 200>["items"][number];
/** The days to come, each with what runs on it. */
export type Upcoming = InferResponseType<typeof client.api.schedules.upcoming.$get, 200>;
type Asked = Parameters<typeof client.api.schedules.preview.$post>[0]["json"];

const PAGE_SIZE = "50";
/** Runs that come next move on with the clock. */
const NEXT_RUNS_MS = 60_000;
const POLL_MS = 5_000;

/** A workflow's schedules, newest first. */
export function useSchedules(workflowId: string) {
  return usePages(keys.schedules.of(workflowId), (cursor) =>
    answer(
      client.api.workflows[":id"].schedules.$get({ param: { id: workflowId }, query: { limit: PAGE_SIZE, ...cursor } }),
    ),
  );
}

/** The schedules of all workflows, newest first. */
export function useAllSchedules() {
  return usePages(keys.schedules.inWorkspace, (cursor) =>
    answer(client.api.schedules.$get({ query: { limit: PAGE_SIZE, ...cursor } })),
  );
}

/** One schedule. */
export function scheduleQuery(scheduleId: string) {
  return queryOptions({
    queryKey: keys.schedules.one(scheduleId),
    queryFn: () => answer(one.$get({ param: { id: scheduleId } })),
  });
}

/** A schedule's history, newest first. */
export function useRuns(scheduleId: string) {
  return usePages(
    keys.schedules.runs(scheduleId),
    (cursor) => answer(one.runs.$get({ param: { id: scheduleId }, query: { limit: PAGE_SIZE, ...cursor } })),
    // A run ends without an event: the scheduler finds out with its next tick.
    { pollMs: (runs) => runs.some(({ status }) => status === "running" || status === "pending") && POLL_MS },
  );
}

/** What comes in the next seven days of a zone's calendar. */
export function upcomingQuery(timezone: string) {
  return queryOptions({
    queryKey: keys.schedules.upcoming(timezone),
    queryFn: () => answer(client.api.schedules.upcoming.$get({ query: { timezone, days: "7" } })),
    refetchInterval: NEXT_RUNS_MS,
  });
}

/** An expression in words with its next runs. What was shown stays while the next is asked for. */
export function previewQuery(asked: Asked) {
  return queryOptions({
    queryKey: keys.schedules.preview(asked),
    queryFn: () => answer(client.api.schedules.preview.$post({ json: asked })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.error === null ? NEXT_RUNS_MS : false),
  });
}

/** Expressions to choose from. */
export const presetsQuery = queryOptions({
  queryKey: keys.schedules.presets,
  queryFn: () => answer(client.api.schedules.presets.$get()),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Saves a new schedule of a workflow, or a change of one. */
export function useSaveSchedule() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ workflowId, scheduleId, json }: { workflowId: string; scheduleId?: string; json: NewSchedule }) =>
      scheduleId === undefined
        ? answer(client.api.workflows[":id"].schedules.$post({ param: { id: workflowId }, json }))
        : answer(one.$put({ param: { id: scheduleId }, json })),
    onSuccess: (schedule) => {
      queryClient.setQueryData(keys.schedules.one(schedule.id), schedule);
      return queryClient.invalidateQueries({ queryKey: keys.schedules.all });
    },
  });
}

/** Pauses or resumes a schedule. It is shown as asked at once, and as it was when that is refused. */
export function useSetEnabled() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) =>
      answer(one[enabled ? "resume" : "pause"].$post({ param: { id } })),
    onMutate: async ({ id, enabled }) => {
      await queryClient.cancelQueries({ queryKey: keys.schedules.all });
      const before = queryClient.getQueriesData({ queryKey: keys.schedules.all });
      const changed = <Any extends Schedule>(schedule: Any): Any =>
        schedule.id === id ? { ...schedule, enabled, nextRunAt: null } : schedule;
      queryClient.setQueryData<Schedule>(keys.schedules.one(id), (schedule) => schedule && changed(schedule));
      queryClient.setQueriesData<InfiniteData<Page<Schedule>>>(
        { queryKey: keys.schedules.lists },
        (list) => list && { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map(changed) })) },
      );
      return { before };
    },
    onError: (_error, _asked, context) => {
      for (const [queryKey, data] of context?.before ?? []) queryClient.setQueryData(queryKey, data);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.schedules.all }),
  });
}

/** Deletes a schedule with its history. */
export function useDeleteSchedule() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(one.$delete({ param: { id } })),
    // Lists alone: its own page would be asked for once more before it is left, and not be found.
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: keys.schedules.lists }),
        queryClient.invalidateQueries({ queryKey: keys.schedules.anyUpcoming }),
      ]),
  });
}
