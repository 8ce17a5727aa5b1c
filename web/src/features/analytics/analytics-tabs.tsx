import { TabLink, Tabs } from "../../ui/index.ts";

/** The parts of analytics: what was spent, what limits it, and what happened. */
export function AnalyticsTabs() {
  return (
    <Tabs label="Analytics">
      <TabLink to="/analytics" exact>
        Costs
      </TabLink>
      <TabLink to="/analytics/budgets">Budgets</TabLink>
      <TabLink to="/analytics/events">Events</TabLink>
    </Tabs>
  );
}
