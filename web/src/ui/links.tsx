import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Attributes<Taken> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Taken> & { ref?: Ref<HTMLAnchorElement> };

/** A link to a page of the dashboard in running text: `<PageLink to="/workflows">Workflows</PageLink>`. */
export const PageLink = createLink((props: AnchorProps & Attributes<AnchorProps>) => <Anchor {...props} />);

/** The same in the look of a button, for going somewhere; doing something is a `Button`. */
export const ButtonLink = createLink((props: ButtonProps & Attributes<ButtonProps>) => (
  <Button component="a" {...props} />
));
