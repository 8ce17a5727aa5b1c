import { Radio, Stack } from "@mantine/core";
import type { Role } from "../../api/client.ts";
import { roleOf, rolesUpTo } from "./roles.ts";

interface RoleChoiceProps {
  value: Role;
  /** The highest that may be given. */
  most: Role;
  onChange: (role: Role) => void;
}

/** A role, with what each may do. */
export function RoleChoice({ value, most, onChange }: RoleChoiceProps) {
  return (
    <Radio.Group
      label="Role"
      value={value}
      onChange={(chosen) => {
        const role = roleOf(chosen);
        if (role) onChange(role);
      }}
    >
      <Stack gap="sm" mt="xs">
        {rolesUpTo(most).map((role) => (
          <Radio key={role.value} {...role} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
