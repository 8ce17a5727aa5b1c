import { ActionIcon } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useState } from "react";
import { CopyButton } from "./copy-button.tsx";
import "./code.css";

interface CodeTextProps {
  text: string;
  /** Names it: "output". */
  what: string;
  /** What is copied, where that is more than is shown: a command with its secret. */
  copies?: string;
}

/** A text in the mono font with a button to copy it: prompts, outputs, commands. */
export function CodeText({ text, what, copies = text }: CodeTextProps) {
  return (
    <div className="sw-code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable for those without a mouse */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton value={copies} what={what} />
    </div>
  );
}

/** A JSON value, laid out. */
export function JsonView({ value, what }: { value: unknown; what: string }) {
  return <CodeText text={JSON.stringify(value, null, 2) ?? "nothing"} what={what} />;
}

interface SecretFieldProps {
  value: string;
  /** Names it: "API key". */
  what: string;
  /** What stands there until somebody asks, for what is secret in part. */
  masked?: string;
}

/** A secret: dots until somebody asks, and a button that copies it without showing it. */
export function SecretField({ value, what, masked = "•".repeat(16) }: SecretFieldProps) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? IconEyeOff : IconEye;
  const label = `${shown ? "Hide" : "Show"} ${what}`;
  return (
    <span className="sw-secret">
      <span className="sw-mono">{shown ? value : masked}</span>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={label}
        title={label}
        onClick={() => setShown(!shown)}
      >
        <Icon size={14} stroke={1.75} aria-hidden />
      </ActionIcon>
      <CopyButton value={value} what={what} />
    </span>
  );
}
