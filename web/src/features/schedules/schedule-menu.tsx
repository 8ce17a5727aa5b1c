import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { Schedule } from "./queries.ts";
import { usePause } from "./use-pause.ts";

interface ScheduleMenuProps {
  schedule: Schedule;
  /** When it runs, to tell menus apart for those who listen. */
  when: string;
  onDelete: () => void;
}

/** What can be done with a schedule from its row. */
export function ScheduleMenu({ schedule, when, onDelete }: ScheduleMenuProps) {
  const navigate = useNavigate();
  const pause = usePause();
  const params = { workflowId: schedule.workflowId, scheduleId: schedule.id };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${when}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => pause(schedule)}>{schedule.enabled ? "Pause schedule" : "Resume schedule"}</Menu.Item>
        <Menu.Item onClick={() => void navigate({ to: "/workflows/$workflowId/schedules/$scheduleId/edit", params })}>
          Edit schedule
        </Menu.Item>
        <Menu.Item color="red" onClick={onDelete}>
          Delete schedule
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
