import { z } from "zod";

/** An ISO time with its offset, or a day without a time, as ranges begin and end with. What a day means says who asks. */
export const timeOrDay = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: "a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z",
});
