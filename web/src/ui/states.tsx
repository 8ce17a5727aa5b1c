import { Button, Skeleton, Stack } from "@mantine/core";
import { IconCircleX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/api-error.ts";
import { CopyButton } from "./copy-button.tsx";
import { errorWords } from "./error-text.ts";
import "./states.css";

interface EmptyStateProps {
  title: string;
  /** One sentence: what this is for. */
  children: ReactNode;
  /** The button that starts it. */
  action?: ReactNode;
}

/** Shown where a list has nothing in it. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="sw-empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action !== undefined && <div className="sw-empty-actions">{action}</div>}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  /** What could not be done: "The workflows could not be loaded". */
  title?: string;
  retry?: () => void;
}

/** Shown in the place of what failed: what happened, what to do, and the request's id to copy. */
export function ErrorState({ error, title = "This could not be loaded", retry }: ErrorStateProps) {
  const { message, requestId } = errorWords(error);
  // What there is not, or who may not, stays so however often one asks.
  const mayPass = !(error instanceof ApiError && (error.status === 403 || error.status === 404));
  return (
    <div className="sw-error" role="alert">
      <h2>
        <IconCircleX size={16} aria-hidden />
        {title}
      </h2>
      <p>{message}</p>
      <div className="sw-error-foot">
        {retry && mayPass && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
        {requestId !== null && (
          <span className="sw-short-id">
            Request&nbsp;<span className="sw-mono">{requestId}</span>
            <CopyButton value={requestId} what="request id" />
          </span>
        )}
      </div>
    </div>
  );
}

interface LoadedProps<Data> {
  /** A query of TanStack Query, or anything like one. */
  query: { data: Data | undefined; error: Error | null; refetch: () => unknown };
  title?: string;
  /** In the shape of what will come, so that nothing jumps. */
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** What a query brought: a skeleton before, an error with a way to try again in its place when there is nothing to show. */
export function Loaded<Data>({ query, title, skeleton, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return (
      <ErrorState error={query.error} retry={() => void query.refetch()} {...(title === undefined ? {} : { title })} />
    );
  }
  return skeleton ?? <LinesSkeleton />;
}

/** A few grey lines. */
export function LinesSkeleton({ lines = 4 }: { lines?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all the same and never move
        <Skeleton key={line} height={16} width={`${90 - (line % 3) * 20}%`} />
      ))}
    </Stack>
  );
}
