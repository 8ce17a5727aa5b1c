import "./graph-place.css";

/** The place of a graph that is loaded, in its height: nothing moves when it comes. */
export function GraphPlace({ height }: { height: string }) {
  return <div className="sw-graph-place" style={{ height }} role="status" aria-label="Loading the graph" />;
}
