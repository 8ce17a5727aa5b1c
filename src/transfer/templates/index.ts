import dailyDigest from "./daily-digest.json" with { type: "json" };
import issueTriage from "./issue-triage.json" with { type: "json" };
import researchAndReport from "./research-and-report.json" with { type: "json" };
import translateAndReview from "./translate-and-review.json" with { type: "json" };

/** A workflow to start from: an exported file that comes with this build. */
export interface Template {
  id: string;
  category: string;
  /** As in a file that somebody imports: checked like one. */
  bundle: {
    workflow: { name: string; description: string };
    agents: readonly { name: string; role: string; provider: string; model: string }[];
  };
}

/** Every template, in the order in which they are shown. A test holds each to what an import asks for. */
export const TEMPLATES: readonly Template[] = [
  { id: "research-and-report", category: "research", bundle: researchAndReport },
  { id: "issue-triage", category: "engineering", bundle: issueTriage },
  { id: "daily-digest", category: "team", bundle: dailyDigest },
  { id: "translate-and-review", category: "writing", bundle: translateAndReview },
];
