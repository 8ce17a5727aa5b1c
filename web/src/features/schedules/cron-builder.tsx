import { Chip, Group, NativeSelect, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type CronForm,
  cronOf,
  type Every,
  formOf,
  HOUR_STEPS,
  inWeekOrder,
  MINUTE_STEPS,
  turnedTo,
  WEEKDAYS,
} from "./cron-form.ts";
import { presetsQuery } from "./queries.ts";

const RHYTHMS: readonly { value: Every | "text"; label: string }[] = [
  { value: "minute", label: "Minutes" },
  { value: "hour", label: "Hours" },
  { value: "day", label: "Day" },
  { value: "week", label: "Week" },
  { value: "month", label: "Month" },
  { value: "text", label: "Cron" },
];

interface CronBuilderProps {
  value: string;
  onChange: (expression: string) => void;
  error: string | undefined;
}

/** Says when, in a form for the everyday and as a cron expression for the rest; each shows what the other means. */
export function CronBuilder({ value, onChange, error }: CronBuilderProps) {
  const presets = useQuery(presetsQuery);
  const form = formOf(value);
  const [asText, setAsText] = useState(form === null);
  const shown = asText || form === null ? "text" : form.every;
  return (
    <Stack gap="sm">
      <Select
        label="Start from a preset (optional)"
        placeholder="Choose one"
        data={(presets.data?.items ?? []).map(({ name, cronExpression }) => ({ value: cronExpression, label: name }))}
        value={presets.data?.items.some(({ cronExpression }) => cronExpression === value) ? value : null}
        onChange={(chosen) => {
          if (chosen === null) return;
          setAsText(false);
          onChange(chosen);
        }}
      />
      <SegmentedControl
        aria-label="How often"
        data={RHYTHMS.map((rhythm) => ({ ...rhythm }))}
        value={shown}
        onChange={(next) => {
          setAsText(next === "text");
          if (next !== "text") onChange(cronOf(turnedTo(next, form)));
        }}
        fullWidth
      />
      {shown === "text" || form === null ? (
        <TextInput
          label="Cron expression"
          description="Minute, hour, day of the month, month, day of the week. Names, ranges, lists, steps, L, W, # and @daily do."
          classNames={{ input: "sw-mono" }}
          spellCheck={false}
          autoComplete="off"
          maxLength={200}
          value={value}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <>
          <Rhythm form={form} onChange={(next) => onChange(cronOf(next))} />
          <Text size="xs" c="dimmed">
            As a cron expression: <span className="sw-mono">{value}</span>
          </Text>
          {error !== undefined && (
            <Text size="xs" c="red" role="alert">
              {error}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}

function Rhythm({ form, onChange }: { form: CronForm; onChange: (form: CronForm) => void }) {
  switch (form.every) {
    case "minute":
      return (
        <NativeSelect
          label="Every"
          data={MINUTE_STEPS.map((step) => ({ value: String(step), label: step === 1 ? "minute" : `${step} minutes` }))}
          value={form.step}
          onChange={(event) => onChange({ ...form, step: Number(event.currentTarget.value) })}
        />
      );
    case "hour":
      return (
        <Group gap="sm" grow align="end">
          <NativeSelect
            label="Every"
            data={HOUR_STEPS.map((step) => ({ value: String(step), label: step === 1 ? "hour" : `${step} hours` }))}
            value={form.step}
            onChange={(event) => onChange({ ...form, step: Number(event.currentTarget.value) })}
          />
          <NativeSelect
            label="At minute"
            data={Array.from({ length: 60 }, (_, minute) => String(minute))}
            value={form.minute}
            onChange={(event) => onChange({ ...form, minute: Number(event.currentTarget.value) })}
          />
        </Group>
      );
    case "day":
      return <TimeField form={form} onChange={onChange} />;
    case "week":
      return (
        <Stack gap="sm">
          <Chip.Group
            multiple
            value={form.days.map(String)}
            // The last day stays: a week without a day would never run.
            onChange={(days) => days.length > 0 && onChange({ ...form, days: inWeekOrder(days.map(Number)) })}
          >
            <fieldset className="sw-days">
              <legend>On</legend>
              {WEEKDAYS.map(({ day, name }) => (
                <Chip key={day} value={String(day)} size="xs" aria-label={name}>
                  {name.slice(0, 3)}
                </Chip>
              ))}
            </fieldset>
          </Chip.Group>
          <TimeField form={form} onChange={onChange} />
        </Stack>
      );
    case "month":
      return (
        <Group gap="sm" grow align="end">
          <NativeSelect
            label="On day"
            data={[
              ...Array.from({ length: 31 }, (_, place) => String(place + 1)),
              { value: "last", label: "the last one" },
            ]}
            value={form.day}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...form, day: value === "last" ? "last" : Number(value) })
            }
          />
          <TimeField form={form} onChange={onChange} />
        </Group>
      );
  }
}

type Timed = Extract<CronForm, { hour: number }>;

function TimeField({ form, onChange }: { form: Timed; onChange: (form: CronForm) => void }) {
  const two = (number: number) => String(number).padStart(2, "0");
  return (
    <TextInput
      type="time"
      label="At"
      value={`${two(form.hour)}:${two(form.minute)}`}
      onChange={({ currentTarget: { value } }) => {
        const [hour, minute] = value.split(":").map(Number);
        // Half typed, the field is empty: what was chosen stays.
        if (hour !== undefined && minute !== undefined) onChange({ ...form, hour, minute });
      }}
    />
  );
}
