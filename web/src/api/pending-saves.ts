const pending = new Set<() => Promise<void>>();

/**
 * Registers what saves the changes that a page has not sent yet; it throws when they cannot be saved. Answers the
 * function that takes it back.
 */
export function holdSave(save: () => Promise<void>): () => void {
  pending.add(save);
  return () => {
    pending.delete(save);
  };
}

/** Saves what is not saved. Before anything that works on a draft as the server has it: executing, committing. */
export async function savesSettled(): Promise<void> {
  await Promise.all([...pending].map((save) => save()));
}
