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
  const patch: JsonObject = {};
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) patch[name] = null;
  for (const [name, wanted] of Object.entries(to)) {
    const had = Object.hasOwn(from, name) ? from[name] : undefined;
    if (isObject(had) && isObject(wanted)) {
      const inner = mergePatch(had, wanted);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (JSON.stringify(had) !== JSON.stringify(wanted)) {
      patch[name] = wanted;
    }
  }
  return patch;
}
