import { Anchor, Box, Button, Group, SegmentedControl, Skeleton } from "@mantine/core";
import { KeyRound, ListX } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearch } from "wouter";
import { useKeys } from "../../api/keys";
import { useFilters } from "../../parts/address";
import { Empty } from "../../parts/empty";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useAdmin } from "../../session/context";
import { KeyFilters } from "./filters";
import { revokeManyAddress } from "./selection";
import { KeyTable } from "./table";
import { asked, FILTERS, filtersOf, VIEWS, viewOf } from "./views";

/** Keys by what has to be done about them. */
export default function Keys() {
  const [filters, setFilters] = useFilters(FILTERS);
  const search = useSearch();
  const { may } = useAdmin();
  const view = viewOf(filters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: days are counted from when the filters changed
  const wanted = useMemo(() => asked(filters), [search]);
  const keys = useKeys(wanted);
  const found = keys.data?.pages.flatMap((page) => page.data) ?? [];
  const everything = Object.fromEntries(FILTERS.map((name) => [name, undefined]));
  return (
    <Page
      title="Keys"
      about={view?.about ?? "Keys that fit all of the filters"}
      actions={
        may.manage ? (
          <Button
            component={Link}
            href={revokeManyAddress(filters)}
            variant="default"
            leftSection={<ListX size={16} />}
          >
            Revoke many
          </Button>
        ) : null
      }
    >
      <SegmentedControl
        aria-label="Which keys"
        size="xs"
        data={VIEWS.map(({ value, label }) => ({ value, label }))}
        value={view?.value ?? ""}
        onChange={(value) => setFilters(filtersOf(value))}
        style={{ alignSelf: "flex-start", maxWidth: "100%" }}
      />
      <KeyFilters filters={filters} onChange={setFilters} />
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      <Box className="surface" aria-busy={keys.isFetching}>
        {keys.isPending && !keys.error ? <Skeleton height={260} /> : null}
        {keys.data && found.length === 0 ? (
          <Empty icon={<KeyRound size={22} />} title="None" command={view?.command ?? "mintgate keys list"}>
            {Object.keys(filters).length === 0 ? (
              "Keys belong to consumers: open one, or make one, and give it a key."
            ) : (
              <Group gap={4} justify="center">
                No key fits.{" "}
                <Anchor component="button" size="sm" onClick={() => setFilters(everything)}>
                  Show all keys
                </Anchor>
              </Group>
            )}
          </Empty>
        ) : null}
        {found.length > 0 ? <KeyTable keys={found} withConsumer /> : null}
        <More query={keys} />
      </Box>
    </Page>
  );
}
