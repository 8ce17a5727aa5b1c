import { Menu } from "@mantine/core";
import { IconCheck, IconSelector } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useMe } from "../../api/me.ts";
import { notifyFailed } from "../../ui/index.ts";

const ROLE_WORDS = { owner: "Owner", editor: "Editor", viewer: "Viewer" } as const;

/** The workspace that is worked in, and the way into the others. */
export function WorkspaceSwitch() {
  const { workspace, workspaces } = useMe();
  const queryClient = useQueryClient();
  const router = useRouter();
  const enter = useMutation({
    mutationFn: (workspaceId: string) => answer(client.api.me.workspace.$post({ json: { workspaceId } })),
    onSuccess: async (me) => {
      // Nothing of the other workspace may be seen for a moment under this one's name.
      await router.navigate({ to: "/workflows" });
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
      queryClient.setQueryData(keys.me, me);
      await queryClient.invalidateQueries();
    },
    onError: (error) => notifyFailed(error, `You are still in ${workspace.name}.`),
  });

  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <button type="button" className="sw-side-item" title="Switch the workspace">
          <span className="sw-side-text">
            <b>{workspace.name}</b>
            <small>{ROLE_WORDS[workspace.role]}</small>
          </span>
          <IconSelector size={16} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Workspaces</Menu.Label>
        {workspaces.map(({ id, name, role }) => (
          <Menu.Item
            key={id}
            disabled={enter.isPending}
            rightSection={id === workspace.id ? <IconCheck size={16} aria-label="Current" /> : undefined}
            onClick={() => {
              if (id !== workspace.id) enter.mutate(id);
            }}
          >
            {name}
            <br />
            <small className="sw-muted">{ROLE_WORDS[role]}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
