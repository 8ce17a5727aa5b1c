import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { autoLayout } from "./auto-layout.ts";
import type { CanvasProps } from "./canvas.tsx";
import { GraphCanvas } from "./graph-canvas.tsx";
import { GraphPlace } from "./graph-place.tsx";
import { overlaps } from "./overlaps.ts";

/**
 * A graph to be looked at: as its nodes were put, or laid out anew when their cards would lie over each other. That is so
 * with graphs that were written over the API, and where two versions are shown in one.
 */
export function ReadableGraph({ graph, ...props }: Omit<CanvasProps, "editing">) {
  const crowded = useMemo(() => overlaps(graph.nodes), [graph.nodes]);
  const shape = useMemo(
    () => [graph.nodes.map(({ id }) => id), graph.edges.map(({ source, target }) => [source, target])],
    [graph.nodes, graph.edges],
  );
  const positions = useQuery({
    queryKey: ["layout", shape],
    queryFn: () => autoLayout(graph),
    enabled: crowded,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!crowded) return <GraphCanvas graph={graph} {...props} />;
  // Without a layout (its code could not be loaded) the nodes stand where they were put.
  if (positions.isPending) return <GraphPlace height={props.height ?? "480px"} />;
  const nodes = graph.nodes.map((node) => ({ ...node, position: positions.data?.get(node.id) ?? node.position }));
  return <GraphCanvas graph={{ ...graph, nodes }} {...props} />;
}
