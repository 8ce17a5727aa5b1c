import { type FitViewOptions, useReactFlow } from "@xyflow/react";
import { type RefObject, useEffect } from "react";

/** Shows the whole graph again when its place becomes wider or narrower. Whoever edits has chosen what to see. */
export function useFitOnResize(frame: RefObject<HTMLElement | null>, fit: FitViewOptions, enabled: boolean): void {
  const { fitView } = useReactFlow();
  useEffect(() => {
    const element = frame.current;
    if (!enabled || !element) return;
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      void fitView(fit);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame, fit, enabled, fitView]);
}
