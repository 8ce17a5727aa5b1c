import { describe, expect, it } from "vitest";
import {
  type EditorAction,
  type EditorState,
  editorReducer,
  openedWith,
} from "../../../../web/src/features/editor/state/editor-state.ts";
import { draft } from "./draft.ts";

const opened = draft("a>b");
const named = (name: string) => ({ ...opened, name });
const having = (...actions: EditorAction[]): EditorState => actions.reduce(editorReducer, openedWith(opened));
const typed = (name: string, at: number, streak = "name"): EditorAction => ({
  type: "change",
  draft: named(name),
  at,
  streak,
});

describe("the history of a draft", () => {
  it("goes back change by change, and forth again, to the very same drafts", () => {
    const [one, two] = [named("one"), named("two")];
    const state = having({ type: "change", draft: one, at: 0 }, { type: "change", draft: two, at: 0 });
    const back = editorReducer(state, { type: "undo" });
    expect(back.draft).toBe(one);
    const atStart = editorReducer(back, { type: "undo" });
    expect(atStart.draft).toBe(opened);
    expect(editorReducer(atStart, { type: "undo" })).toBe(atStart);
    const forth = editorReducer(editorReducer(atStart, { type: "redo" }), { type: "redo" });
    expect(forth.draft).toBe(two);
    expect(editorReducer(forth, { type: "redo" })).toBe(forth);
  });

  it("undoes what was typed in a row at once, but not what was typed after a rest or elsewhere", () => {
    const state = having(typed("a", 0), typed("ab", 1_000), typed("abc", 2_000), typed("abcd", 9_000), {
      ...typed("x", 9_100, "description"),
    });
    const names: string[] = [];
    for (let back = state; back.past.length > 0; ) {
      back = editorReducer(back, { type: "undo" });
      names.push(back.draft.name);
    }
    expect(names).toEqual(["abcd", "abc", "A graph"]);
  });

  it("does not let typing go on in a step that was undone", () => {
    const state = having(typed("a", 0), { type: "undo" }, typed("b", 100));
    expect(editorReducer(state, { type: "undo" }).draft).toBe(opened);
    expect(state.future).toEqual([]);
  });

  it("keeps what was there when somebody else's draft takes its place", () => {
    const state = having(typed("mine", 0), { type: "theirs", draft: named("theirs") });
    expect(state.draft.name).toBe("theirs");
    expect(editorReducer(state, { type: "undo" }).draft.name).toBe("mine");
  });

  it("lets go of what is selected when it is no longer there", () => {
    const without = { ...opened, nodes: opened.nodes.filter(({ id }) => id !== "a"), edges: [] };
    const state = having(
      { type: "select", selection: { nodes: ["a", "b"], edges: ["e0"] } },
      { type: "change", draft: without, at: 0 },
    );
    expect(state.selection).toEqual({ nodes: ["b"], edges: [] });
  });

  it("is bounded, and nothing is changed by a change to the same draft", () => {
    const many = Array.from(
      { length: 500 },
      (_, index): EditorAction => ({
        type: "change",
        draft: named(String(index)),
        at: 0,
      }),
    );
    expect(having(...many).past).toHaveLength(200);
    const state = openedWith(opened);
    expect(editorReducer(state, { type: "change", draft: opened, at: 0 })).toBe(state);
  });
});
