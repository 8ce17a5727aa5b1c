import { createHmac } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow, ended } from "../support/workflows.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

let person: Account;
let workflowId: string;

beforeEach(async () => {
  person = await swarm.signUp();
  workflowId = await createWorkflow(person, ["a"], { agents: { a: { prompt: "{{input}}" } } });
});

const open = (path: string, as: Account = person) => openPage(browser, `${swarm.url}${path}`, { as });

const webhookSchema = z.looseObject({ id: z.string(), webhookUrl: z.string(), secretKey: z.string() });

async function create(body: object = {}) {
  const answer = await person.request("POST", `/api/workflows/${workflowId}/webhooks`, body);
  return webhookSchema.parse(answer.body);
}

async function onlyWebhook() {
  const { body } = await person.request("GET", `/api/workflows/${workflowId}/webhooks`);
  return z.object({ items: z.tuple([webhookSchema]) }).parse(body).items[0];
}

/** Calls as GitHub does. */
async function callSigned(url: string, secret: string, payload: unknown): Promise<number> {
  const body = JSON.stringify(payload);
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers = { "Content-Type": "application/json", "X-Hub-Signature-256": signature };
  return (await fetch(url, { method: "POST", body, headers })).status;
}

const PAYLOAD = {
  action: "opened",
  issue: { title: "It breaks", number: 7, labels: [{ name: "bug" }], "user-agent": "GitHub-Hookshot" },
};

test("a webhook goes from its creation to a signed call, which is mapped by clicking", async () => {
  const watched = await open(`/workflows/${workflowId}/webhooks`);
  const { page } = watched;
  await page.getByRole("heading", { name: "No webhooks yet" }).waitFor();
  await checkPage(watched, "webhooks-empty");
  await page.keyboard.press("c");
  await page.getByRole("radio", { name: "GitHub" }).check();
  await checkPage(watched, "webhook-create");
  await page.getByRole("dialog").getByRole("button", { name: "Create webhook" }).click();
  await page.getByText("Paste the URL as Payload URL").waitFor();
  const { webhookUrl, secretKey } = await onlyWebhook();
  expect(await page.locator("body").textContent()).not.toContain(secretKey);
  await checkPage(watched, "webhook-signature");
  await page.getByRole("button", { name: "Copy URL" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(webhookUrl);
  await page.getByRole("button", { name: "Copy command" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(`SECRET='${secretKey}'`);
  await page.getByRole("button", { name: "Show secret", exact: true }).click();
  await page.getByText(secretKey, { exact: true }).waitFor();
  await page.getByRole("button", { name: "Hide secret", exact: true }).click();

  await page.getByRole("tab", { name: "Calls" }).click();
  await page.getByRole("heading", { name: "No calls yet" }).waitFor();
  expect(await callSigned(webhookUrl, secretKey, PAYLOAD)).toBe(202);
  expect(await callSigned(webhookUrl, "wrong", PAYLOAD)).toBe(401);
  const calls = page.getByRole("table", { name: "Calls" });
  await calls.getByRole("row", { name: /Started.*202/ }).waitFor();
  await calls.getByRole("row", { name: /Refused.*401.*Signature mismatch/ }).waitFor();
  await calls
    .getByRole("row", { name: /Started/ })
    .getByRole("button")
    .first()
    .click();
  await page.getByText('"title": "It breaks"').waitFor();
  await checkPage(watched, "webhook-calls");

  await page.getByRole("button", { name: "Map this payload" }).click();
  await page.getByTitle("Map issue.title", { exact: true }).click();
  await page.getByRole("button", { name: "Open issue.labels[0]" }).click();
  await page.getByTitle("Map issue.labels[0].name", { exact: true }).click();
  await page.getByTitle('Map issue."user-agent"', { exact: true }).click();
  await page.getByText('"user-agent": "GitHub-Hookshot"').waitFor();
  await page.getByLabel("Expression of name").fill("issue.labels[*].name");
  await page.getByText(/"name": \[\s+"bug"/).waitFor();
  await page.getByLabel("Require title").check();
  await checkPage(watched, "webhook-mapping");
  await page.setViewportSize({ width: 768, height: 1024 });
  await checkPage(watched, "webhook-mapping-tablet");
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByLabel("Expression of name").fill("issue.labels[");
  await page.getByText("each field has a name and a whole expression").waitFor();
  expect(watched.problems).toEqual([]);
  await page.getByLabel("Expression of name").fill("issue.labels]");
  await page.getByText("A call with this payload would be refused: see the fields").waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "webhook-mapping-fault");
  await page.getByLabel("Expression of name").fill("join(', ', issue.labels[*].name)");
  await page.getByText('"name": "bug"').last().waitFor();
  await page.getByRole("button", { name: "Save mapping" }).click();
  await page.getByText("Saved the mapping.").waitFor();
  expect(await onlyWebhook()).toMatchObject({
    payloadTransformer: {
      "title!": "issue.title",
      name: "join(', ', issue.labels[*].name)",
      "user-agent": 'issue."user-agent"',
    },
  });
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.locator("header").getByText("Succeeded").waitFor();
  await page.getByRole("tab", { name: "Input" }).click();
  await page.getByText('"title": "It breaks"').waitFor();
});

test("its settings say what is wrong with each address, and its secret is regenerated with grace", async () => {
  const { id, secretKey } = await create();
  const watched = await open(`/workflows/${workflowId}/webhooks/${id}?tab=settings`);
  const { page } = watched;
  await page.getByLabel("Addresses that may call (optional)").fill("192.0.2.0/24\n10.0.0.300");
  await page.getByLabel("Calls at most").fill("0");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page
    .getByText(/^Too small|>=1|at least/i)
    .first()
    .waitFor();
  await page.getByLabel("Calls at most").fill("5");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText(/^10\.0\.0\.300: /).waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "webhook-settings");
  await page.getByLabel("Addresses that may call (optional)").fill("192.0.2.7/24");
  await page.getByLabel(/^New secret every/).fill("90");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("They hold for the next call.").waitFor();
  await expect.poll(() => page.getByLabel("Addresses that may call (optional)").inputValue()).toBe("192.0.2.0/24");
  expect(await onlyWebhook()).toMatchObject({ rateLimit: { limit: 5, windowSeconds: 3_600 }, rotateAfterDays: 90 });
  // Somebody else changes another field meanwhile, and both changes hold.
  await person.request("PUT", `/api/webhooks/${id}`, { rotateAfterDays: 30 });
  await page.getByLabel("Calls at most").fill("6");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect.poll(onlyWebhook).toMatchObject({ rateLimit: { limit: 6, windowSeconds: 3_600 }, rotateAfterDays: 30 });

  await page.getByRole("button", { name: "Regenerate secret" }).click();
  await page.getByLabel("How long the old one stays valid").selectOption({ label: "For an hour" });
  await checkPage(watched, "webhook-regenerate");
  await page.getByRole("dialog").getByRole("button", { name: "Regenerate secret" }).click();
  await page.getByText(/The secret before is valid until/).waitFor();
  expect((await onlyWebhook()).secretKey).not.toBe(secretKey);
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.getByRole("switch", { name: "Enabled" }).click();
  await page.getByText("Disabled. Calls are answered 404.").waitFor();
  expect(await onlyWebhook()).toMatchObject({ enabled: false });
  await page.getByRole("link", { name: "All webhooks of this workflow" }).click();
  await page.getByRole("row", { name: /Disabled.*No signature/ }).waitFor();
  await checkPage(watched, "webhooks");
});

test("a call is replayed, a pasted payload is mapped, and a webhook is deleted by typing its name", async () => {
  const { id, webhookUrl } = await create({ payloadTransformer: { old: "a" } });
  await fetch(webhookUrl, { method: "POST", body: JSON.stringify({ a: "first" }) });
  const watched = await open(`/workflows/${workflowId}/webhooks/${id}`);
  const { page } = watched;
  await page.getByRole("row", { name: /Started/ }).click();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText("Replayed with the mapping as it is now.").waitFor();
  await page.waitForURL(/\/executions\//);
  expect((await ended(person, page.url().split("/").at(-1) ?? "")).input).toEqual({ old: "first" });

  await page.goto(`${swarm.url}/workflows/${workflowId}/webhooks/${id}?tab=mapping`);
  await page.getByText("Pasted", { exact: true }).click();
  await page.getByLabel("Payload as JSON").fill('{"odd key": {"0": [true]}');
  await page.getByText(/^This is not JSON/).waitFor();
  await page.getByLabel("Payload as JSON").fill('{"odd key": {"0": [true]}}');
  await page.getByRole("button", { name: "Remove old" }).click();
  await page.getByTitle('Map "odd key"."0"[0]', { exact: true }).click();
  await page.getByText('"0": true').waitFor();
  // Left with work that is not saved.
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("button", { name: "Delete webhook" }).click();
  await page.getByRole("textbox", { name: /^Type / }).fill(id.slice(-8));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No webhooks yet" }).waitFor();
  expect(watched.problems).toEqual([]);
});

test("a viewer sees no secret, and changes nothing", async () => {
  const { id, secretKey, webhookUrl } = await create({ signature: { scheme: "none" } });
  await fetch(webhookUrl, { method: "POST", body: "{}" });
  const { link } = z
    .object({ link: z.string() })
    .parse((await person.request("POST", "/api/invitations", { role: "viewer" })).body);
  const viewer = await swarm.signUp();
  const token = new URL(link).pathname.split("/").at(-1);
  expect((await viewer.request("POST", "/api/invitations/accept", { token })).status).toBeLessThan(300);
  const watched = await open(`/workflows/${workflowId}/webhooks/${id}`, viewer);
  const { page } = watched;
  await page.getByText("URL and secret are hidden from viewers").waitFor();
  await page.getByRole("row", { name: /Started/ }).click();
  await page.getByRole("heading", { name: /^Call of/ }).waitFor();
  await checkPage(watched, "webhook-viewer");
  for (const tab of ["Mapping", "Signature", "Settings"]) {
    await page.getByRole("tab", { name: tab }).click();
    expect(
      await page
        .getByRole("main")
        .getByRole("button", { name: /^(Save|Replay|Send|Regenerate|Delete)/ })
        .count(),
    ).toBe(0);
    expect(await page.content()).not.toContain(secretKey);
  }
  expect(watched.problems).toEqual([]);
});
