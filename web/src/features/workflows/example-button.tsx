import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { providersQuery } from "../../api/providers.ts";
import { Refusal } from "../../lib/refusal.ts";
import { notifyFailed } from "../../ui/index.ts";
import { defaultTarget } from "./default-target.ts";
import { exampleWorkflow } from "./example.ts";
import { useCreateWorkflow } from "./queries.ts";

/** Creates the example with a model that can be called, and opens it. */
export function ExampleButton() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const create = useCreateWorkflow();
  const start = async () => {
    const target = defaultTarget(await queryClient.ensureQueryData(providersQuery));
    if (!target) throw new Refusal("The catalogue lists no model that is still served.");
    const { id } = await create.mutateAsync(exampleWorkflow(target));
    await navigate({ to: "/workflows/$workflowId", params: { workflowId: id } });
  };
  return (
    <Button
      loading={create.isPending}
      onClick={() => void start().catch((error: unknown) => notifyFailed(error, "The example was not created."))}
    >
      Start from an example
    </Button>
  );
}
