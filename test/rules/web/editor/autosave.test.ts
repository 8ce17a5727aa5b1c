import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAutosave, type SaveOutcome } from "../../../../web/src/features/editor/state/autosave.ts";

interface Doc {
  text: string;
}
const doc = (text: string): Doc => ({ text });

/** A server that answers when the test says so. */
function setUp() {
  const opened = doc("opened");
  const sent: { text: string; revision: number; answer: (outcome: SaveOutcome) => void }[] = [];
  const autosave = createAutosave<Doc>({
    draft: opened,
    revision: 1,
    delayMs: 1_000,
    save: ({ text }, revision) => new Promise((answer) => sent.push({ text, revision, answer })),
  });
  autosave.start();
  const answer = async (outcome: SaveOutcome) => {
    sent.at(-1)?.answer(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { autosave, opened, sent, answer, texts: () => sent.map(({ text }) => text) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("saving by itself", () => {
  it("waits until nobody types, saves once, and names the revision that it made from then on", async () => {
    const { autosave, sent, answer, texts } = setUp();
    autosave.change(doc("a"));
    await vi.advanceTimersByTimeAsync(900);
    autosave.change(doc("ab"));
    await vi.advanceTimersByTimeAsync(900);
    expect(texts()).toEqual([]);
    expect(autosave.state().kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(100);
    expect(autosave.state().kind).toBe("saving");
    await answer({ kind: "saved", revision: 2 });
    expect(autosave.state().kind).toBe("saved");
    autosave.change(doc("abc"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.map(({ text, revision }) => [text, revision])).toEqual([
      ["ab", 1],
      ["abc", 2],
    ]);
  });

  it("sends what was changed during a save after it, never two at once", async () => {
    const { autosave, sent, answer, texts } = setUp();
    autosave.change(doc("a"));
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.change(doc("b"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(texts()).toEqual(["a"]);
    await answer({ kind: "saved", revision: 2 });
    expect(sent.at(-1)).toMatchObject({ text: "b", revision: 2 });
    await answer({ kind: "saved", revision: 3 });
    expect(autosave.state().kind).toBe("saved");
  });

  it("saves what is changed by who is told that everything is saved", async () => {
    const { autosave, answer, texts } = setUp();
    autosave.change(doc("a"));
    await vi.advanceTimersByTimeAsync(1_000);
    const end = autosave.onState(() => {
      end();
      autosave.change(doc("ab"));
    });
    await answer({ kind: "saved", revision: 2 });
    expect(autosave.state().kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(texts()).toEqual(["a", "ab"]);
  });

  it("has nothing to save when a change was taken back", async () => {
    const { autosave, opened, texts } = setUp();
    autosave.change(doc("a"));
    autosave.change(opened);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(autosave.state().kind).toBe("saved");
    expect(texts()).toEqual([]);
  });

  it("tries again by itself while there is no network, and loses nothing", async () => {
    const { autosave, answer, texts } = setUp();
    autosave.change(doc("a"));
    await vi.advanceTimersByTimeAsync(1_000);
    await answer({ kind: "failed", error: new Error("no network"), passing: true });
    expect(autosave.state().kind).toBe("failed");
    await vi.advanceTimersByTimeAsync(1_000);
    await answer({ kind: "failed", error: new Error("no network"), passing: true });
    await vi.advanceTimersByTimeAsync(2_000);
    await answer({ kind: "saved", revision: 2 });
    expect(texts()).toEqual(["a", "a", "a"]);
    expect(autosave.state().kind).toBe("saved");
  });

  it("waits for a change after a refusal that asking again would not help", async () => {
    const { autosave, answer, texts } = setUp();
    autosave.change(doc("a"));
    await vi.advanceTimersByTimeAsync(1_000);
    await answer({ kind: "failed", error: new Error("too large"), passing: false });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(texts()).toEqual(["a"]);
    autosave.change(doc("b"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(texts()).toEqual(["a", "b"]);
  });

  it("saves what mended a refused draft while the refusal was under way", async () => {
    const { autosave, answer, texts } = setUp();
    autosave.change(doc("broken"));
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.change(doc("mended"));
    await answer({ kind: "failed", error: new Error("does not fit"), passing: false });
    expect(texts()).toEqual(["broken", "mended"]);
    await answer({ kind: "saved", revision: 2 });
    expect(autosave.state().kind).toBe("saved");
  });

  it("saves at once when it is asked to, and says whether it did", async () => {
    const { autosave, answer } = setUp();
    autosave.change(doc("a"));
    const flushed = autosave.flush();
    await answer({ kind: "saved", revision: 2 });
    expect(await flushed).toBe(true);
    autosave.change(doc("b"));
    const refused = autosave.flush();
    await answer({ kind: "failed", error: new Error("too large"), passing: false });
    expect(await refused).toBe(false);
  });

  it("stops when the editor is left", async () => {
    const { autosave, texts } = setUp();
    const end = autosave.start();
    autosave.change(doc("a"));
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(texts()).toEqual([]);
  });
});

describe("a conflict", () => {
  const inConflict = async () => {
    const set = setUp();
    set.autosave.change(doc("mine"));
    await vi.advanceTimersByTimeAsync(1_000);
    await set.answer({ kind: "conflict" });
    return set;
  };

  it("saves nothing until somebody decides", async () => {
    const { autosave, texts } = await inConflict();
    autosave.change(doc("mine still"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await autosave.flush()).toBe(false);
    expect(autosave.state().kind).toBe("conflict");
    expect(texts()).toEqual(["mine"]);
  });

  it("ends with mine over theirs, by their revision", async () => {
    const { autosave, sent, answer } = await inConflict();
    autosave.change(doc("mine still"));
    autosave.overwrite(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.at(-1)).toMatchObject({ text: "mine still", revision: 7 });
    await answer({ kind: "saved", revision: 8 });
    expect(autosave.state().kind).toBe("saved");
  });

  it("ends with theirs, and undoing is a change like any other", async () => {
    const { autosave, sent } = await inConflict();
    const theirs = doc("theirs");
    autosave.adopt(theirs, 7);
    autosave.change(theirs);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(autosave.state().kind).toBe("saved");
    autosave.change(doc("mine"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.at(-1)).toMatchObject({ text: "mine", revision: 7 });
  });
});
