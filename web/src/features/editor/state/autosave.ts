import { backoffMs } from "../../../lib/backoff.ts";

/** How a save ended: with the revision that it made, refused because somebody else saved, or not at all. */
export type SaveOutcome =
  | { kind: "saved"; revision: number }
  | { kind: "conflict" }
  /** `passing`: asking again may help, such as when there is no network. */
  | { kind: "failed"; error: unknown; passing: boolean };

/** What is known about the draft on the server. */
export type SaveState =
  | { kind: "saved" }
  | { kind: "waiting" }
  | { kind: "saving" }
  | { kind: "conflict" }
  | { kind: "failed"; error: unknown; passing: boolean };

interface AutosaveOptions<Draft> {
  /** What the server has, and its revision. */
  draft: Draft;
  revision: number;
  save: (draft: Draft, revision: number) => Promise<SaveOutcome>;
  /** How long (ms) after a change it is saved. */
  delayMs: number;
}

export interface Autosave<Draft> {
  state(): SaveState;
  /** Called when `state()` changed. Answers the function that ends it. */
  onState(listener: () => void): () => void;
  /** The draft as it is now. One that is the same object as what was saved is saved. */
  change(draft: Draft): void;
  /** Saves now what is not saved, also after a failure. True when everything is saved afterwards. */
  flush(): Promise<boolean>;
  /** The newest revision that is known of. */
  revision(): number;
  /** This draft, which somebody else saved, takes the place of what is here. */
  adopt(theirs: Draft, revision: number): void;
  /** What is here is saved over the revision that somebody else made. */
  overwrite(revision: number): void;
  /** Begins to save. Answers the function that ends it. */
  start(): () => void;
}

/**
 * Saves a draft a moment after it was changed, one save at a time, each naming the revision that it stands on. A failure
 * that may pass is tried again with growing waits; after any other, and after a conflict, the next step is a person's.
 */
export function createAutosave<Draft>({ save, delayMs, ...known }: AutosaveOptions<Draft>): Autosave<Draft> {
  const listeners = new Set<() => void>();
  let { draft, revision } = known;
  let saved: Draft | null = known.draft;
  let state: SaveState = { kind: "saved" };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  /** From a save's beginning until its end is told: whoever is told may change the draft, and nothing goes on with that. */
  let busy = false;
  let failures = 0;
  let closed = true;

  const become = (next: SaveState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const later = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), ms);
  };
  const run = (): Promise<void> => {
    clearTimeout(timer);
    running ??= once().finally(() => {
      running = null;
    });
    return running;
  };
  const rest = (at: SaveState) => {
    busy = false;
    become(at);
  };
  const once = async () => {
    while (!closed && draft !== saved) {
      busy = true;
      const sent = draft;
      const base = revision;
      become({ kind: "saving" });
      const outcome = await save(sent, base);
      // Somebody settled it meanwhile: this answer is about the past.
      if (outcome.kind !== "saved" && revision !== base) continue;
      if (outcome.kind === "saved") {
        saved = sent;
        revision = outcome.revision;
        failures = 0;
        continue;
      }
      // What was refused may have been mended while the answer was under way.
      if (outcome.kind === "failed" && !outcome.passing && draft !== sent) continue;
      rest(outcome);
      if (outcome.kind === "failed" && outcome.passing && !closed) {
        failures += 1;
        later(backoffMs(failures + 1, Math.random()));
      }
      return;
    }
    busy = false;
    if (draft === saved) rest({ kind: "saved" });
  };

  return {
    state: () => state,
    revision: () => revision,
    onState: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    change: (next) => {
      if (next === draft) return;
      draft = next;
      // A person decides first, or the answer that is under way goes on with this.
      if (state.kind === "conflict" || busy) return;
      if (draft === saved) {
        clearTimeout(timer);
        become({ kind: "saved" });
        return;
      }
      become({ kind: "waiting" });
      later(delayMs);
    },
    flush: async () => {
      if (state.kind === "conflict") return false;
      await run();
      return state.kind === "saved";
    },
    adopt: (theirs, nextRevision) => {
      draft = theirs;
      saved = theirs;
      revision = nextRevision;
      clearTimeout(timer);
      become({ kind: "saved" });
    },
    overwrite: (nextRevision) => {
      saved = null;
      revision = nextRevision;
      become({ kind: "waiting" });
      later(0);
    },
    start: () => {
      closed = false;
      return () => {
        closed = true;
        clearTimeout(timer);
      };
    },
  };
}
