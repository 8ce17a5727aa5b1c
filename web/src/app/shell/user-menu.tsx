import { Menu, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconSelector, IconSettings, IconUserCircle } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMe } from "../../api/me.ts";
import { useSignOut } from "../../features/auth/index.ts";
import { useCommands } from "../../ui/index.ts";

const SCHEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

/** Who is signed in, the colour scheme, and the way out. */
export function UserMenu() {
  const { user } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const navigate = useNavigate();
  useCommands([
    ...SCHEMES.map(({ value, label }) => ({
      id: `scheme-${value}`,
      label: `Colour scheme: ${label.toLowerCase()}`,
      group: "Account",
      run: () => setColorScheme(value),
    })),
    { id: "sign-out", label: "Sign out", group: "Account", run: signOut },
  ]);

  return (
    <Menu position="top-start" width={240}>
      <Menu.Target>
        <button type="button" className="sw-side-item" title="Account">
          <IconUserCircle size={16} aria-hidden />
          <span className="sw-side-text">{user.name}</span>
          <IconSelector size={16} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>Colour scheme</Menu.Label>
        <Menu.RadioGroup value={colorScheme}>
          {SCHEMES.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick onChange={() => setColorScheme(value)}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconSettings size={16} aria-hidden />}
          onClick={() => void navigate({ to: "/settings" })}
        >
          Profile and settings
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
