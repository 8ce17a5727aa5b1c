import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";

interface BudgetRowMenuProps {
  /** The budget as people know it: "the workspace a month". */
  name: string;
  onEdit: () => void;
  onDelete: () => void;
}

/** What can be done with a budget from its row. */
export function BudgetRowMenu({ name, onEdit, onDelete }: BudgetRowMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for the budget of ${name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>Edit budget</Menu.Item>
        <Menu.Item color="red" onClick={onDelete}>
          Delete budget
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
