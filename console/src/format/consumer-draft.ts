// A consumer as a form holds it, and the patch that takes it from what was seen to what was typed.

import type { Consumer, ConsumerChange } from "../api/consumers";
import { type Json, type JsonObject, mergePatch } from "./merge-patch";
import { parseTags, tagPatch, writeTags } from "./tags";
import { visibleJson } from "./visible";

export interface Draft {
  name: string;
  subject: string;
  tags: string[];
  managers: string[];
  metadata: string;
}

export function draftOf(consumer: Consumer): Draft {
  return {
    name: consumer.name,
    subject: consumer.subject,
    tags: writeTags(consumer.tags),
    managers: consumer.managers ?? [],
    metadata: visibleJson(consumer.metadata),
  };
}

/** What is wrong with a draft before it is sent; the rest is for the gateway to say. */
export function problemsOf(draft: Draft): { metadata?: string } {
  try {
    const value = JSON.parse(draft.metadata || "{}") as Json;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return {};
    return { metadata: "must be a JSON object, such as {}" };
  } catch (error) {
    return { metadata: error instanceof Error ? error.message : "is not JSON" };
  }
}

/** Only what differs, as a JSON merge patch. The draft must be free of problems. */
export function changeOf(seen: Consumer, draft: Draft): ConsumerChange {
  const change: ConsumerChange = {};
  if (draft.name.trim() !== seen.name) change.name = draft.name.trim();
  if (draft.subject.trim() !== seen.subject) change.subject = draft.subject.trim();
  const tags = tagPatch(seen.tags, parseTags(draft.tags));
  if (Object.keys(tags).length > 0) change.tags = tags;
  if (JSON.stringify(draft.managers) !== JSON.stringify(seen.managers ?? []))
    change.managers = draft.managers;
  const metadata = mergePatch(seen.metadata as JsonObject, JSON.parse(draft.metadata || "{}") as JsonObject);
  if (Object.keys(metadata).length > 0) change.metadata = metadata;
  return change;
}
