import { TextInput } from "@mantine/core";
import { useMe } from "../../api/me.ts";
import { notifyDone, Section } from "../../ui/index.ts";
import { useRename } from "./account.ts";
import { ChangePassword } from "./change-password.tsx";
import { NameForm } from "./name-form.tsx";
import { Sessions } from "./sessions.tsx";

/** Who one is, the password, and where one is signed in. */
export function ProfilePage() {
  const { user } = useMe();
  const rename = useRename();
  return (
    <div className="sw-settings-parts">
      <Section title="Profile" sentence="How others in your workspaces see you.">
        <NameForm
          label="Your name"
          name={user.name}
          saving={rename.isPending}
          error={rename.error}
          onSave={(name) => rename.mutate(name, { onSuccess: () => notifyDone("Saved your name.") })}
        >
          <TextInput
            label="Email"
            description="You sign in with it. It stays what it was at sign-up."
            readOnly
            variant="filled"
            value={user.email}
          />
        </NameForm>
      </Section>
      <Section title="Password" sentence="At least 8 characters. A long one that you use nowhere else is best.">
        <ChangePassword email={user.email} />
      </Section>
      <Sessions />
    </div>
  );
}
