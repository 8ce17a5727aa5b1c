import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { rememberFocus } from "../ui/focus-return.ts";
import { queryClient, router } from "./router.tsx";
import { cssVariables, theme } from "./theme.ts";

/** Theme, notices, the cache of answers and the router, around everything. */
export function Providers() {
  useEffect(rememberFocus, []);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
