import { type SigningKey, useRunningConfig } from "../../api/installation";
import { milliseconds } from "../../format/span";
import { useAdmin } from "../../session/context";

export const STATE_COLOURS: Readonly<Record<SigningKey["state"], string>> = {
  published: "blue",
  active: "mint",
  retiring: "orange",
  retired: "gray",
};

/** When the active key will have served its time, as far as the configuration is known to this admin. */
export function useNextRotation(keys: readonly SigningKey[] | undefined): string | undefined {
  const { may } = useAdmin();
  const config = useRunningConfig(may.survey);
  const active = keys?.find(({ state }) => state === "active");
  const issuer = config.data?.settings.issuer as { rotate_every?: string } | undefined;
  const every = issuer?.rotate_every ? milliseconds(issuer.rotate_every) : undefined;
  if (!active || every === undefined) return undefined;
  return new Date(Date.parse(active.since) + every).toISOString();
}
