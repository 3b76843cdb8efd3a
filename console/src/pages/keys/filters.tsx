import { useBuckets } from "../../api/buckets";
import { looksLikeKey } from "../../format/key";
import { ChosenFilter } from "../../parts/chosen-filter";
import { TypedFilter } from "../../parts/typed-filter";
import { STATES, type Typed } from "./views";

export const FOREIGN = [
  { value: "true", label: "Foreign" },
  { value: "false", label: "Ours" },
];

export const UNUSED = [
  { value: "7d", label: "Unused for 7 days" },
  { value: "30d", label: "Unused for 30 days" },
  { value: "90d", label: "Unused for 90 days" },
  { value: "180d", label: "Unused for 180 days" },
  { value: "365d", label: "Unused for a year" },
];

const ENDING = [
  { value: "1", label: "Ends within a day" },
  { value: "7", label: "Ends within 7 days" },
  { value: "14", label: "Ends within 14 days" },
  { value: "30", label: "Ends within 30 days" },
  { value: "90", label: "Ends within 90 days" },
];

interface Props {
  filters: Typed;
  onChange: (change: { [name in keyof Typed]?: string | undefined }) => void;
}

/** What a list of keys is narrowed down to. */
export function KeyFilters({ filters, onChange }: Props) {
  const buckets = useBuckets();
  const names = (buckets.data ?? []).map(({ name }) => name);
  return (
    <div className="filters">
      <TypedFilter
        label="Label or id"
        placeholder="Label or id"
        value={filters.q}
        // A whole key is no search: it would end up in an address.
        onApply={(q) => onChange({ q: q && looksLikeKey(q) ? undefined : q })}
      />
      <ChosenFilter
        label="Bucket"
        placeholder="All buckets"
        data={names}
        value={filters.bucket}
        onChange={(bucket) => onChange({ bucket, ...(bucket ? {} : { consumer: undefined }) })}
      />
      <TypedFilter
        label="Consumer"
        placeholder="Consumer"
        value={filters.consumer}
        // Names are unique in a bucket only.
        onApply={(consumer) =>
          onChange({ consumer, ...(consumer && !filters.bucket ? { bucket: names[0] } : {}) })
        }
      />
      <ChosenFilter
        label="State"
        placeholder="Any state"
        data={STATES}
        value={filters.state}
        onChange={(state) => onChange({ state })}
      />
      <ChosenFilter
        label="Issuer"
        placeholder="Any issuer"
        data={FOREIGN}
        value={filters.foreign}
        onChange={(foreign) => onChange({ foreign })}
      />
      <ChosenFilter
        label="Unused for"
        placeholder="Used or not"
        data={UNUSED}
        value={filters.unused_for}
        onChange={(unused_for) => onChange({ unused_for })}
      />
      <ChosenFilter
        label="Ends within"
        placeholder="Any end"
        data={ENDING}
        value={filters.ends_within}
        onChange={(ends_within) => onChange({ ends_within })}
      />
    </div>
  );
}
