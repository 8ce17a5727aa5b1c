import { lazy, Suspense } from "react";
import type { CanvasProps } from "./canvas.tsx";
import { GraphPlace } from "./graph-place.tsx";

const Canvas = lazy(() => import("./canvas.tsx"));

/** A graph of agents on a canvas. Its code is loaded when the first one is shown; its place is kept until then. */
export function GraphCanvas({ height = "480px", ...props }: CanvasProps) {
  return (
    <div style={{ height }}>
      <Suspense fallback={<GraphPlace height="100%" />}>
        <Canvas {...props} />
      </Suspense>
    </div>
  );
}
