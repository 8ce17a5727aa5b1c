import type { World } from "./world.ts";

/** A story of the product, to be told with faults. What it keeps from before only it looks at. */
interface Told<Before> {
  /** One word, by which a run is called up again. */
  id: string;
  name: string;
  /** How many steps are executed in it, each of which asks the provider once. */
  executes: number;
  /** What is there before, without faults. */
  before(world: World): Promise<Before>;
  /** What happens, with one fault. Whoever calls the API repeats what was not answered. */
  happens(world: World, before: Before): Promise<void>;
  /** What is not as it should be, once everything has come to rest. */
  faultsIn(world: World, before: Before): Promise<string[]>;
}

export interface Story extends Pick<Told<unknown>, "id" | "name" | "executes"> {
  begin(world: World): Promise<{ happens(): Promise<void>; faultsIn(): Promise<string[]> }>;
}

export function story<Before>({ id, name, executes, before, happens, faultsIn }: Told<Before>): Story {
  return {
    ...{ id, name, executes },
    async begin(world) {
      const known = await before(world);
      return { happens: () => happens(world, known), faultsIn: () => faultsIn(world, known) };
    },
  };
}
