import { fieldLabel, fieldText } from "../../lib/field-label.ts";
import type { PartChange } from "./changes.ts";
import "./text-diff.css";

/** What a part held that went, or holds that came: there is nothing to set beside it. */
export function OneSided({ change: { kind, name, fields } }: { change: PartChange }) {
  return (
    <div className="sw-diff">
      <table aria-label={`${name}, ${kind}`}>
        <tbody>
          {fields.map(({ path, before, after }) => (
            <tr key={path} className="sw-one-sided">
              <th scope="row">{fieldLabel(path)}</th>
              <td className="sw-diff-text" data-side={kind}>
                {fieldText(kind === "removed" ? before : after, path)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
