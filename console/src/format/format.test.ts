import { describe, expect, it } from "vitest";
import { ceiling, spread } from "../chart/scale";
import { changeOf, draftOf, problemsOf } from "./consumer-draft";
import { differences } from "./differences";
import { keyIdIn, looksLikeKey } from "./key";
import { mergePatch } from "./merge-patch";
import { count, percent } from "./number";
import { milliseconds } from "./span";
import { parseTags, tagPatch, writeTags } from "./tags";
import { relative } from "./time";
import { visible, visibleJson } from "./visible";

const KEY = `mgk_0123456789ab_${"x".repeat(32)}abcdef`;

describe("a pasted key", () => {
  it("is told from a search", () => {
    expect(looksLikeKey(KEY)).toBe(true);
    expect(looksLikeKey(`  ${KEY}\n`)).toBe(true);
    expect(looksLikeKey(KEY.replace("mgk", "acme_live"))).toBe(true);
    for (const text of ["", "alice", "mgk_0123456789ab", KEY.slice(0, -1), `${KEY}x`, `${KEY} x`]) {
      expect(looksLikeKey(text), text).toBe(false);
    }
  });
  it("shows its public part", () => {
    expect(keyIdIn(KEY)).toBe("0123456789ab");
    expect(keyIdIn("0123456789ab")).toBe("0123456789ab");
    expect(keyIdIn("alice")).toBeUndefined();
  });
});

describe("a merge patch", () => {
  it("says only what differs, and removes what is gone", () => {
    const from = { plan: "gold", limits: { rate: 5, burst: 9 }, old: true, list: [1, 2] };
    const to = { plan: "gold", limits: { rate: 6, burst: 9 }, list: [2], fresh: "x" };
    expect(mergePatch(from, to)).toEqual({ limits: { rate: 6 }, old: null, list: [2], fresh: "x" });
    expect(mergePatch(from, from)).toEqual({});
  });
  it("does not take inherited names for members", () => {
    expect(mergePatch({}, JSON.parse('{"__proto__": 1, "constructor": 2}'))).toEqual(
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    );
  });
});

describe("a draft of a consumer", () => {
  const alice = {
    id: "4vQk2ZpT9cXw7LmA",
    bucket: "production",
    name: "alice",
    subject: "alice",
    state: "active" as const,
    tags: { plan: "gold", team: "a:b" },
    metadata: { n: 1 },
    managers: [],
    created: "2026-01-01T00:00:00Z",
    revision: 7,
  };
  it("changes nothing while it is untouched", () => {
    expect(changeOf(alice, draftOf(alice))).toEqual({});
  });
  it("becomes a patch of what was edited", () => {
    const draft = { ...draftOf(alice), subject: "al", tags: ["plan:silver"], metadata: '{"n": 2}' };
    expect(changeOf(alice, draft)).toEqual({
      subject: "al",
      tags: { plan: "silver", team: null },
      metadata: { n: 2 },
    });
  });
  it("knows what is no JSON object", () => {
    expect(problemsOf(draftOf(alice))).toEqual({});
    for (const metadata of ["{", "[]", "null", "7"]) {
      expect(problemsOf({ ...draftOf(alice), metadata }).metadata, metadata).toBeTruthy();
    }
  });
});

describe("tags", () => {
  it("are written as they are read", () => {
    const tags = { plan: "gold", note: "a:b", bare: "" };
    expect(parseTags(writeTags(tags))).toEqual(tags);
    expect(tagPatch(tags, { plan: "gold" })).toEqual({ note: null, bare: null });
  });
});

describe("differences", () => {
  it("are named by their path, and text stays text", () => {
    expect(differences({ a: { b: 1 }, same: [1] }, { a: { b: "<b>" }, same: [1], more: {} })).toEqual([
      { path: "a.b", from: "1", to: "<b>" },
      { path: "more", from: undefined, to: "{}" },
    ]);
    expect(differences(undefined, { name: "x" })).toEqual([{ path: "name", from: undefined, to: "x" }]);
  });
});

describe("numbers and times", () => {
  it("read like people say them", () => {
    expect(count(12_345)).toBe("12,345");
    expect(count(1_234_567)).toBe("1.2M");
    expect(percent(1, 3)).toBe("33 %");
    expect(percent(0, 0)).toBe("–");
    expect(relative("2026-01-02T00:00:00Z", Date.parse("2026-01-01T00:00:00Z"))).toBe("tomorrow");
    expect(relative("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:00:04Z"))).toBe("just now");
  });
  it("know spans of the configuration", () => {
    expect(milliseconds("30d")).toBe(30 * 86_400_000);
    expect(milliseconds("1h 30m")).toBe(5_400_000);
    expect(milliseconds("soon")).toBeUndefined();
  });
  it("give an axis round numbers that hold everything", () => {
    for (const most of [0, 1, 3, 4, 7, 10, 99, 101, 12_345, 9_999_999]) {
      const top = ceiling(most);
      expect(top).toBeGreaterThanOrEqual(most);
      expect(Number.isInteger(top / 3)).toBe(true);
    }
    expect(spread(24, 6)).toEqual([0, 4, 8, 12, 16, 20]);
  });
});

it("what cannot be seen is escaped, and JSON stays the same value", () => {
  expect(visible("a\u202eb\u200b\u0007")).toBe("a\\u202eb\\u200b\\u0007");
  expect(visible("ключ مفتاح \u{1f511} é\tz\n")).toBe("ключ مفتاح \u{1f511} é\tz\n");
  const value = { "k\u200b": ["\u202e", "\\u202e", "\u0000", "\u{e0001}"] };
  expect(JSON.parse(visibleJson(value))).toEqual(value);
});
