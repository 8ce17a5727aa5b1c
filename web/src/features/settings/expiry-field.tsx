import { Group, Select, TextInput } from "@mantine/core";
import { endOfDay } from "../../lib/local-day.ts";

const DAY_MS = 86_400_000;

const LIVES = [
  { value: "1", label: "In a day" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
] as const;

/** When something ends, as it was chosen. */
export interface Expiry {
  /** Days from now; `day` for the end of a chosen day, `never` where that is possible. */
  life: string;
  day: string;
}

interface ExpiryFieldProps {
  value: Expiry;
  onChange: (expiry: Expiry) => void;
  /** Whether it may live on for ever. */
  endless?: boolean;
}

/** When a secret ends: after some days, or with a day. */
export function ExpiryField({ value, onChange, endless = false }: ExpiryFieldProps) {
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Expires"
        allowDeselect={false}
        w={200}
        data={[...LIVES, { value: "day", label: "On a day" }, ...(endless ? [{ value: "never", label: "Never" }] : [])]}
        value={value.life}
        onChange={(life) => onChange({ ...value, life: life ?? value.life })}
      />
      {value.life === "day" && (
        <TextInput
          type="date"
          label="Last day"
          required
          value={value.day}
          onChange={(event) => onChange({ ...value, day: event.currentTarget.value })}
        />
      )}
    </Group>
  );
}

/** The moment that was chosen, in ISO 8601: null for never, undefined while no day is. */
export function expiresAt({ life, day }: Expiry, now: number): string | null | undefined {
  if (life === "never") return null;
  if (life !== "day") return new Date(now + Number(life) * DAY_MS).toISOString();
  const end = endOfDay(day);
  return end === null ? undefined : new Date(end).toISOString();
}
