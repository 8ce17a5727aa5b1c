import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scrubText } from "../../../src/transfer/rules/anonymize.ts";
import { attachment, slugOf } from "../../../src/transfer/rules/file-name.ts";
import { type SecretFinding, scanValue } from "../../../src/transfer/rules/scan-bundle.ts";
import { findSecrets } from "../../../src/transfer/rules/secret-scan.ts";

/** Made here in parts, so that no scanner takes this file for a leak. */
const key = (...parts: string[]) => parts.join("");
const SECRETS = {
  openai_key: key("sk-", "proj-", "abcDEF1234567890abcdef1234567890"),
  anthropic_key: key("sk-", "ant-api03-", "abcdefghijklmnop_QRSTUV-012345"),
  google_key: key("AI", "zaSyA1234567890abcdefghijklmnopqrstuvw"),
  github_token: key("gh", "p_", "abcdefghijklmnopqrstuvwxyz0123456789"),
  aws_access_key: key("AK", "IA", "IOSFODNN7EXAMPLE"),
  slack_token: key("xo", "xb-", "1234567890-abcdefABCDEF"),
  stripe_key: key("sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc"),
  webhook_secret: key("whs", "ec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
  swarm_key: key("swa", "rm_", "A".repeat(20), "b1".repeat(11), "_"),
  json_web_token: key("ey", "JhbGciOiJIUzI1NiJ9", ".", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".", "dozjgNryP4J3jVmNHl0w5N"),
  private_key: key("-----BEGIN ", "RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nabc=\n-----END RSA PRIVATE KEY-----"),
  url_credentials: key("postgres://", "app:", "s3cr3t", "@db.internal/orders"),
  provider_key: key("hf", "_", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"),
  service_token: key("glp", "at-", "abcdEFGH1234ijklMNOP"),
  basic_credentials: key("Authorization: Ba", "sic ", "YXBwOnMzY3IzdHdvcmQ="),
  bearer_token: key("Authorization: Bea", "rer ", "abcDEF123456.789-xyzXYZ0"),
  assigned_secret: key("db_pass", 'word = "Xk29dk3mQp81zLw0"'),
};

describe("a text", () => {
  test.each(Object.entries(SECRETS))(
    "with a secret of the kind %s is found to hold one, wherever it stands",
    (kind, secret) => {
      for (const text of [
        secret,
        `Before: ${secret}`,
        `(${secret})`,
        `First line\n${secret}\nlast line`,
        `"${secret}",`,
      ]) {
        const found = findSecrets(text);
        expect(found.map((each) => each.kind)).toEqual([kind]);
        for (const { start, end } of found) expect(secret).toContain(text.slice(start, end));
      }
    },
  );

  test.each([
    "You are a risk analyst. Rate the risk of each task-force-for-european-stability from 1 to 5.",
    "Explain what a token is: the unit of text that a model reads. maxTokens: 1000, token: the-unit-of-text.",
    "Ask the user for a password: it must have 12 characters and a digit. Never repeat it.",
    "The API key: your-api-key-here. Put $API_KEY or <your-token> or {{input.token}} in its place.",
    "Bearer authentication is described in RFC 6750. Send `Authorization: Bearer YOUR_TOKEN`.",
    'Answer with {"key": "value", "secret": false, "token_count": 12, "primary_key": "customer_id"}',
    "See https://example.com/a:b@c and mailto:ann@example.com, or ssh://git@github.com/org/repo.",
    "Use the class sk-fading-circle-of-many-dots and the module @scope/sk-utilities-for-everyone.",
    "contains(output, 'yes') && steps.research_1.output != '' && input.apiKey == 'none'",
    "Basic knowledge of internationalization is enough; Basic Auth: Basic YXBwOnlvdXItcGFzc3dvcmQ= stands for a placeholder.",
    "Commit 3f2a9c1d8e7b6a5f4c3d2e1f0a9b8c7d6e5f4a3b fixed it; execution 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b failed.",
    "Die Schlüssel: Kennwort-Vergabe, Zutritts-Token und Geheimnis-Verwaltung im Überblick (Stand 2026-11-22).",
    "access token: opaque; refresh_token: rotates_every_24_hours; key: alpha-2-country-code",
  ])("that people write for agents holds none: %s", (text) => {
    expect(findSecrets(text)).toEqual([]);
  });

  test("of any other kind never makes the scan fail, and what is found lies in it", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.values(SECRETS)),
      fc.constantFrom("key=", "://", "@", "sk-", "eyJ", "-----BEGIN "),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        let end = 0;
        for (const found of findSecrets(text)) {
          expect(found.start).toBeGreaterThanOrEqual(end);
          expect(found.end).toBeGreaterThan(found.start);
          end = found.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  test.each([
    "a",
    "sk-",
    "eyJ",
    "eyJaaaaaaaaa.",
    "a://",
    "ab://a:",
    "key=",
    "key ",
    "Bearer ",
    "api_",
    "secret",
    "a.",
    "x@",
    "a@b.",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "https://a:b@",
    'password="',
    "xoxb-",
    "whsec_",
  ])("made of nothing but %j takes a time in proportion to its length", (part) => {
    const text = part.repeat(1_500_000 / part.length);
    const began = performance.now();
    scrubText(text);
    // It takes some 50 ms; what is not linear takes minutes.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe("a bundle", () => {
  const scan = (value: unknown) => {
    const found: SecretFinding[] = [];
    scanValue(value, "", (finding) => found.push(finding));
    return found;
  };

  test("is scanned in every text, and told where", () => {
    expect(
      scan({
        agents: [{ prompt: "fine" }, { prompt: SECRETS.github_token, stopSequences: ["x", SECRETS.google_key] }],
        workflow: { settings: { inputSchema: { default: { apiKey: "Xk29dk3mQp81zLw0" } } } },
        schedules: [{ input: [{ list: [SECRETS.aws_access_key] }] }],
      }),
    ).toEqual([
      { path: "agents[1].prompt", kind: "github_token" },
      { path: "agents[1].stopSequences[1]", kind: "google_key" },
      { path: "workflow.settings.inputSchema.default.apiKey", kind: "assigned_secret" },
      { path: "schedules[0].input[0].list[0]", kind: "aws_access_key" },
    ]);
  });

  test("whose members are named by secrets tells of them without repeating them", () => {
    const found = scan({ input: { [SECRETS.openai_key]: { deep: SECRETS.stripe_key } } });
    expect(found).toEqual([
      { path: "input.[redacted]", kind: "openai_key" },
      { path: "input.[redacted].deep", kind: "stripe_key" },
    ]);
  });

  test("of brackets nested a thousand deep is scanned as well", () => {
    let nested: unknown = SECRETS.github_token;
    for (let depth = 0; depth < 1_000; depth += 1) nested = [nested];
    expect(scan(nested)).toHaveLength(1);
  });
});

describe("a template's text", () => {
  test.each(Object.entries(SECRETS))("loses a secret of the kind %s and keeps the rest", (_, secret) => {
    const scrubbed = scrubText(`Use this: ${secret} and nothing else.`);
    expect(findSecrets(scrubbed)).toEqual([]);
    expect(scrubbed).toMatch(/^Use this: .*\[redacted\].* and nothing else\.$/s);
  });

  test("loses addresses of mail and keeps what is none", () => {
    expect(scrubText("Write to ann.lee+x@mail.example.co.uk, not to @ann or a@b.")).toBe(
      "Write to [email], not to @ann or a@b.",
    );
    expect(scrubText("Пишите на иван.петров@почта.рф или müller@bücher.example.")).toBe(
      "Пишите на [email] или [email].",
    );
    expect(scrubText("Rate from 1@2 and use {{input.text}}.")).toBe("Rate from 1@2 and use {{input.text}}.");
  });
});

describe("a file's name", () => {
  test("is made of ASCII letters, digits and hyphens", () => {
    expect(slugOf("Über-Report (2)")).toBe("uber-report-2");
    expect(slugOf("  ../../etc/passwd ")).toBe("etc-passwd");
    expect(slugOf("日本")).toBe("workflow");
    expect(slugOf("x".repeat(300))).toHaveLength(60);
  });

  test("never breaks out of its header", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(attachment(name, "json")).toMatch(
          /^attachment; filename="[a-z0-9-]+\.json"; filename\*=UTF-8''[A-Za-z0-9._~!%-]+$/,
        );
      }),
    );
  });
});
