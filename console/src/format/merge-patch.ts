// JSON merge patches (RFC 7396).

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The patch that makes `to` out of `from`. A member that is to be `null` cannot be said this way, and is removed. */
export function mergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  const patch: [string, Json][] = gone.map((name) => [name, null]);
  for (const [name, wanted] of Object.entries(to)) {
    const had = Object.hasOwn(from, name) ? from[name] : undefined;
    if (isObject(had) && isObject(wanted)) {
      const inner = mergePatch(had, wanted);
      if (Object.keys(inner).length > 0) patch.push([name, inner]);
    } else if (JSON.stringify(had) !== JSON.stringify(wanted)) {
      patch.push([name, wanted]);
    }
  }
  // Not by assignment: a member may be called `__proto__`.
  return Object.fromEntries(patch);
}
