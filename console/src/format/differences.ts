import { visible } from "./visible";

export interface Difference {
  path: string;
  from: string | undefined;
  to: string | undefined;
}

/** Where two JSON values differ, by path. Lists are compared as wholes. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) || !isObject(after)) {
    const only = before ?? after;
    if ((before == null || after == null) && isObject(only) && Object.keys(only).length > 0) {
      return differences(before ?? {}, after ?? {}, path);
    }
    return [{ path, from: write(before), to: write(after) }];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    differences(own(before, name), own(after, name), path ? `${path}.${name}` : name),
  );
}

function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function write(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return visible(typeof value === "string" ? value : JSON.stringify(value));
}
